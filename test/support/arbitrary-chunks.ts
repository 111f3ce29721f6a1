/** Ways of cutting bytes into chunks, as pipes and files deliver them. */
import fc from 'fast-check';

/** All ways of cutting `bytes`: mostly a few cuts, sometimes one byte at a time. */
export function chunksOf(bytes: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  const cuts = fc.array(fc.nat(bytes.length), { maxLength: 8 }).map((places) => places.sort((a, b) => a - b));
  const each = fc.constant(Array.from(bytes.keys()));
  return fc.oneof({ weight: 5, arbitrary: cuts }, { weight: 1, arbitrary: each }).map((places) => cutAt(bytes, places));
}

/** `bytes` in chunks of one size; the last may be smaller. */
export function inChunks(bytes: Uint8Array, size: number): Uint8Array[] {
  return cutAt(
    bytes,
    Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => (index + 1) * size),
  );
}

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places, bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}
