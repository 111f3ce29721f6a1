/**
 * A reader of ATerms, the notation of derivation files, in its canonical form only: no blanks, no escapes but those
 * that are needed. What it reads, `@cooper/derivation`'s printer writes back byte for byte.
 *
 * Every byte is looked at a bounded number of times, nothing is recursive, and memory is in proportion to the bytes,
 * whatever they are. The strings are copies: to keep one is not to keep the file.
 */
import type { ByteString } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { backslash, isEscapeLetter, unescapeString } from './string-escapes.ts';

const quote = 0x22;

/** The most bytes of a file that is read. V8 cannot hold longer strings, and the largest derivations known have some MiB. */
export const maxSize = 256 * 1024 * 1024;

/** Reads one file from its beginning. All methods throw a fault `invalid-derivation` where the file does not fit. */
export class AtermReader {
  readonly #bytes: Buffer;
  readonly #text: string;
  #next = 0;
  #token = 0;
  /** The first backslash at or after the last string that was begun; the end of the text where there is none. */
  #backslash = -1;
  /** The first character that a string must not hold as it is; the end of the text where there is none. */
  readonly #raw: number;

  constructor(bytes: Uint8Array) {
    if (bytes.length > maxSize) throw new Fault('invalid-derivation', `it has more than ${maxSize} bytes`);
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = this.#bytes.toString('latin1');
    this.#raw = Math.min(this.#find('\n', 0), this.#find('\r', 0), this.#find('\t', 0));
  }

  /** Where the last thing that was read, or looked for, begins: the place to name in a complaint. In bytes. */
  get position(): number {
    return this.#token;
  }

  /** Reads exactly `literal`. */
  expect(literal: string): void {
    this.#token = this.#next;
    if (!this.#text.startsWith(literal, this.#next)) {
      throw new Fault('invalid-derivation', `expected string \`${literal}'`);
    }
    this.#next += literal.length;
  }

  /** Reads `opening`, items that `readItem` reads, with commas between them, and `]`. */
  list(opening: string, readItem: () => void): void {
    this.expect(opening);
    if (this.#skip(']')) return;
    do readItem();
    while (this.#skip(','));
    this.expect(']');
  }

  /** Reads a string. */
  string(): ByteString {
    this.expect('"');
    const start = this.#next;
    const end = this.#text.indexOf('"', start);
    if (this.#backslash < start) this.#backslash = this.#find('\\', start);
    if (end < 0 || this.#backslash < end) return this.#escapedString();
    this.#pass(end);
    return this.#copy(start, end) as ByteString;
  }

  /** Makes sure that nothing follows. */
  end(): void {
    this.#token = this.#next;
    if (this.#next < this.#text.length) throw new Fault('invalid-derivation', 'there are bytes after its end');
  }

  #skip(character: string): boolean {
    const found = this.#text[this.#next] === character;
    if (found) this.#next++;
    return found;
  }

  /** A string with a backslash in it, or without an end. */
  #escapedString(): ByteString {
    const start = this.#next;
    this.#pass(this.#findClosingQuote());
    return unescapeString(this.#bytes.subarray(start, this.#next - 1)) as ByteString;
  }

  /** V8 copies short slices anyway, and faster than a buffer does; long ones would keep the whole text alive. */
  #copy(start: number, end: number): string {
    return end - start < 13 ? this.#text.slice(start, end) : this.#bytes.toString('latin1', start, end);
  }

  /** Goes on behind the string that ends at `end`. */
  #pass(end: number): void {
    if (this.#raw < end) {
      this.#token = this.#raw;
      throw new Fault('invalid-derivation', 'a line end or tab is not escaped');
    }
    this.#next = end + 1;
  }

  #findClosingQuote(): number {
    for (let at = this.#next; at < this.#bytes.length; at++) {
      const byte = this.#bytes[at];
      if (byte === quote) return at;
      if (byte === backslash) this.#checkEscape(at++);
    }
    throw new Fault('invalid-derivation', 'the file ends within a string');
  }

  #checkEscape(at: number): void {
    const letter = this.#bytes[at + 1];
    if (letter === undefined || isEscapeLetter(letter)) return;
    this.#token = at;
    throw new Fault('invalid-derivation', 'a character is escaped that needs no escape');
  }

  #find(character: string, from: number): number {
    const at = this.#text.indexOf(character, from);
    return at < 0 ? this.#text.length : at;
  }
}
