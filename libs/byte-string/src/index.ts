/**
 * Byte strings: bytes held as a JavaScript string with one character (0 to 255) a byte. V8 stores them at one byte a
 * character, they serve as keys of maps, and `<` compares them in byte order, which is the order that derivations and
 * archives demand. Text becomes a byte string by UTF-8; nothing is lost for bytes that are not UTF-8.
 */

declare const brand: unique symbol;

/** Bytes, one character each, all characters below 256. */
export type ByteString = string & { readonly [brand]: 'ByteString' };

/** The byte string of `bytes`. */
export function fromBytes(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') as ByteString;
}

/** The bytes of `text`, in a fresh buffer. */
export function toBytes(text: ByteString): Buffer {
  return Buffer.from(text, 'latin1');
}

/** The UTF-8 bytes of `text`. Lone surrogates become U+FFFD, as in every encoder of the platform. */
export function fromText(text: string): ByteString {
  return (isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')) as ByteString;
}

/** The text that the bytes encode in UTF-8, for people to read: bytes that are not UTF-8 become U+FFFD. */
export function toText(bytes: ByteString): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** True when the bytes are well-formed UTF-8, so that `toText` loses nothing. */
export function isUtf8(bytes: ByteString): boolean {
  return isAscii(bytes) || fromText(toText(bytes)) === bytes;
}

/** Orders byte strings by their bytes, for `Array.prototype.sort`. */
export function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant, control characters included
  return /^[\x00-\x7f]*$/.test(text);
}
