/** What is compressed here, xz itself takes; more at once than there are threads get their turns. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { XzCompressor } from './xz-compressor.ts';

const skip = spawnSync('xz', ['--version']).status === 0 ? false : 'needs xz: there is nobody to ask';

function compress(bytes: Buffer, pieceSize: number, level: number): Promise<Buffer> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceSize) }, (_, index) =>
    bytes.subarray(index * pieceSize, (index + 1) * pieceSize),
  );
  return buffer(Readable.from(pieces).pipe(new XzCompressor(level)));
}

function decompress(bytes: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync('xz', ['-d'], { input: bytes, maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}

t.test('xz reads what was compressed', { skip }, async (t) => {
  const random = randomBytes(700_000);
  const samples = [Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(3_000_000, 'text '), random];
  for (const sample of samples) {
    for (const size of [1_000_000, 65_536]) t.ok(decompress(await compress(sample, size, 1)).equals(sample));
  }
  t.ok((await compress(Buffer.alloc(3_000_000, 'text '), 65_536, 6)).length < 2000);
});

t.test('many at once, some of which are given up', { skip }, async (t) => {
  const sample = Buffer.alloc(300_000, 'text ');
  const givenUp = Array.from({ length: 12 }, () => new XzCompressor(1));
  const all = Array.from({ length: 12 }, () => compress(sample, 65_536, 1));
  for (const stream of givenUp) stream.destroy();
  for (const done of await Promise.all(all)) t.ok(decompress(done).equals(sample));
});
