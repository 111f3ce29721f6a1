import { parseStorePath } from '@cooper/store-path';
import t from 'tap';
import { logPlaces } from './log-place.ts';

t.test('logs lie where the reference has them', async (t) => {
  const derivation = parseStorePath('/gnu/store', `/gnu/store/lgjfd${'0'.repeat(27)}-hello-2.12.drv`);
  t.same(logPlaces('/var/log/guix', derivation).slice(0, 4), [
    { path: `/var/log/guix/drvs/lg/jfd${'0'.repeat(27)}-hello-2.12.drv.gz`, compression: 'gzip' },
    { path: `/var/log/guix/drvs/lg/jfd${'0'.repeat(27)}-hello-2.12.drv.bz2`, compression: 'bzip2' },
    { path: `/var/log/guix/drvs/lg/jfd${'0'.repeat(27)}-hello-2.12.drv.zst`, compression: 'zstd' },
    { path: `/var/log/guix/drvs/lg/jfd${'0'.repeat(27)}-hello-2.12.drv`, compression: 'none' },
  ]);
  t.match(logPlaces('/var/log/guix', derivation)[4]?.path, /^\/var\/log\/guix\/elsewhere\/drvs\/lg\/.*\.gz$/);
});
