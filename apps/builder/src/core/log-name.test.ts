import t from 'tap';
import { logPlace } from './log-name.ts';
import { trialPath } from './trial-job.ts';

t.test('logs lie where the reference puts them', async (t) => {
  const place = (compression: 'none' | 'gzip' | 'bzip2' | 'zstd') =>
    logPlace('/var/log/guix', trialPath('x.drv', 'a'), compression);
  const stem = `/var/log/guix/drvs/aa/${'a'.repeat(30)}-x.drv`;
  t.same(place('gzip'), { directory: '/var/log/guix/drvs/aa', file: `${stem}.gz` });
  t.equal(place('bzip2').file, `${stem}.bz2`);
  t.equal(place('zstd').file, `${stem}.zst`);
  t.equal(place('none').file, stem);
});
