/** Frames of zstd, as Node's own encoder makes them, and as others do. */
import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { ZstdFrames } from './zstd-frames.ts';

/** A frame that holds nothing. */
const skippable = Buffer.from('5a2a4d18050000006162636465', 'hex');

/** `file` in its parts, where it comes in pieces of `size`. */
function parts(file: Uint8Array, size = Number.POSITIVE_INFINITY): Uint8Array[] {
  const frames = new ZstdFrames();
  const found: Uint8Array[] = [];
  for (let from = 0; from < file.length; from += size) found.push(...frames.split(file.subarray(from, from + size)));
  return found;
}

/** Where each ends, when they stand one behind the other. */
function endsOf(pieces: readonly Uint8Array[]): number[] {
  return pieces.map((_, index) => pieces.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0));
}

const frame = fc
  .record({
    contents: fc.oneof(fc.uint8Array({ maxLength: 3000 }), fc.constant(Buffer.alloc(400_000, 'repeated '))),
    checksum: fc.boolean(),
    size: fc.boolean(),
  })
  .map(({ contents, checksum, size }) => {
    const params = {
      [constants.ZSTD_c_checksumFlag]: Number(checksum),
      [constants.ZSTD_c_contentSizeFlag]: Number(size),
    };
    return zstdCompressSync(contents, { params });
  });

const files = fc.array(fc.oneof(frame, fc.constant(skippable)), { minLength: 1, maxLength: 5 });

t.test('a file is cut where its frames end', async () => {
  fc.assert(
    fc.property(files, (frames) => {
      const found = parts(Buffer.concat(frames));
      return found.length === frames.length && found.every((part, index) => frames[index]?.equals(part));
    }),
    { numRuns: 50 },
  );
});

t.test('and nowhere else but where its pieces end', async () => {
  fc.assert(
    fc.property(files, fc.integer({ min: 100, max: 100_000 }), (frames, size) => {
      const file = Buffer.concat(frames);
      const expected = new Set<number>();
      for (let at = 0; at < file.length; at += size) expected.add(Math.min(at + size, file.length));
      for (const end of endsOf(frames)) expected.add(end);
      const found = endsOf(parts(file, size));
      return found.length === expected.size && found.every((place) => expected.has(place));
    }),
    { numRuns: 50 },
  );
});

t.test('what is no zstd is given as it is', async () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => Buffer.concat(parts(bytes)).equals(bytes)));
});
