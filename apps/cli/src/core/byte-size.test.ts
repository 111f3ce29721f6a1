import t from 'tap';
import { formatSize, parseSize } from './byte-size.ts';

t.test('sizes for people', async (t) => {
  const sizes = [0, 1023, 1024, 1536, 1024 ** 2 * 2.25, 1024 ** 5].map(formatSize);
  t.strictSame(sizes, ['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '2.3 MiB', '1024.0 TiB']);
});

t.test('sizes that people type', async (t) => {
  const typed = ['4096', '1K', '1KiB', '1KB', '1.5G', '500MB', '2T'];
  t.strictSame(typed.map(parseSize), [4096, 1024, 1024, 1000, 1610612736, 500_000_000, 2 * 1024 ** 4]);
  for (const wrong of ['', 'G', '-1', '1X', '1 G', '5B', '1e3']) t.equal(parseSize(wrong), undefined, wrong);
});
