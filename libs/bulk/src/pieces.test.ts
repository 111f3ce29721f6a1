import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { decompressed, inPieces, isBadCompression } from './pieces.ts';

async function cut(chunks: readonly Uint8Array[], compression: 'none' | 'zstd', size: number): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  for await (const piece of inPieces(Readable.from(chunks), { compression, size })) pieces.push(piece);
  return pieces;
}

const someChunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 12 });
const someSize = fc.integer({ min: 1, max: 64 });

t.test('pieces are whole but for the last, and nothing is lost', async () => {
  const property = fc.asyncProperty(someChunks, someSize, async (chunks, size) => {
    const pieces = await cut(chunks, 'none', size);
    const last = pieces.at(-1);
    const isWhole = pieces.slice(0, -1).every(({ length }) => length === size);
    return Buffer.concat(pieces).equals(Buffer.concat(chunks)) && isWhole && last?.length !== 0;
  });
  await fc.assert(property);
});

t.test('what was compressed comes out as it was', async () => {
  const property = fc.asyncProperty(someChunks, someSize, async (chunks, size) => {
    const pieces = Readable.from(await cut(chunks, 'zstd', size));
    return (await buffer(decompressed(pieces, 'zstd'))).equals(Buffer.concat(chunks));
  });
  await fc.assert(property, { numRuns: 30 });
});

t.test('what breaks on the way is told to whoever reads', async (t) => {
  const broken = () =>
    Readable.from(
      (async function* () {
        yield Buffer.from('some');
        throw new Error('the disk broke');
      })(),
    );
  for (const compression of ['none', 'zstd'] as const) {
    const reading = async () => {
      for await (const piece of inPieces(broken(), { compression, size: 2 })) t.ok(piece.length > 0);
    };
    await t.rejects(reading(), /the disk broke/);
    await t.rejects(buffer(decompressed(broken(), compression)), /the disk broke|Unknown frame/);
  }
  const cutOff = zstdCompressSync(Buffer.alloc(1000, 'x')).subarray(0, -3);
  for (const bad of [Buffer.from('no zstd'), cutOff]) {
    const reading = buffer(decompressed(Readable.from([bad]), 'zstd'));
    t.ok(isBadCompression(await reading.catch((error: unknown) => error)));
  }
});
