/**
 * Strings as archives have them: a little-endian 64-bit length, the bytes, and zeros up to a multiple of eight.
 */

/** The bytes of padding after a string or a file of `length` bytes. */
export function paddingOf(length: number | bigint): number {
  const over = typeof length === 'number' ? length % 8 : Number(length % 8n);
  return over === 0 ? 0 : 8 - over;
}

/** The bytes of these words, one after the other. Words are ASCII. */
export function encodeWords(...words: readonly string[]): Uint8Array {
  return Buffer.concat(words.map(encodeWord));
}

function encodeWord(word: string): Buffer {
  const bytes = Buffer.alloc(8 + word.length + paddingOf(word.length));
  bytes.writeUInt32LE(word.length);
  bytes.write(word, 8, 'latin1');
  return bytes;
}

/** True when the bytes from a place on, up to `end`, begin with those expected. */
export function startsWith(bytes: Uint8Array, at: number, end: number, expected: Uint8Array): boolean {
  if (end - at < expected.length) return false;
  for (let index = 0; index < expected.length; index++) if (bytes[at + index] !== expected[index]) return false;
  return true;
}

/** The 64-bit number at a place: a bigint only where a number would not be exact. */
export function sizeAt(bytes: Uint8Array, at: number): number | bigint {
  const low = uint32At(bytes, at);
  const high = uint32At(bytes, at + 4);
  return high < 2 ** 21 ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low);
}

function uint32At(bytes: Uint8Array, at: number): number {
  const lower = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  const upper = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
  return lower + upper * 2 ** 16;
}
