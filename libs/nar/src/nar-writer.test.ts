import t from 'tap';
import { NarReader } from './nar-reader.ts';
import { NarWriter } from './nar-writer.ts';
import type { NarSink } from './sink.ts';

const kib = 1024;

t.test('large contents go out as they are, small ones are gathered', async (t) => {
  const pieces: Uint8Array[] = [];
  const writer = new NarWriter((piece) => pieces.push(piece));
  const large = Buffer.alloc(16 * kib);
  writer.file(false, large.length + 3);
  writer.contents(large);
  writer.contents(Buffer.from('end'));
  writer.endFile();
  writer.flush();
  writer.flush();
  t.equal(pieces.length, 3);
  t.equal(pieces[1], large, 'the very chunk');
});

t.test('contents that are not as long as announced are a bug', async (t) => {
  const writer = new NarWriter(() => {});
  writer.file(false, 3);
  writer.contents(Buffer.from('four'));
  t.throws(() => writer.endFile(), { message: 'a file of 3 bytes was given 4 bytes of contents' });
});

t.test('announces sizes past 2^32 and 2^53 exactly', async (t) => {
  for (const size of [2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
    const pieces: Uint8Array[] = [];
    const writer = new NarWriter((piece) => pieces.push(piece));
    writer.file(true, size);
    writer.flush();
    const told: unknown[] = [];
    const sink: Partial<NarSink> = { file: (executable, announced) => told.push(executable, announced) };
    new NarReader(sink as NarSink).write(Buffer.concat(pieces));
    t.strictSame(told, [true, size]);
  }
});
