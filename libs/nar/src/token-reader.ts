/**
 * The strings of an archive: a little-endian 64-bit length, that many bytes, and zeros up to a multiple of eight. Cuts
 * them out of chunks of any size. Short strings are gathered, the contents of files are passed on as they come.
 */
import { type ByteString, fromBytes } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';

/** What to do with the next string. */
export type Expectation =
  | {
      readonly kind: 'string';
      readonly what: string;
      /** The longest length, in bytes: checked before anything is kept. */
      readonly limit: number;
      readonly take: (text: ByteString) => void;
    }
  | {
      readonly kind: 'contents';
      readonly start: (size: number | bigint) => void;
      readonly pass: (chunk: Uint8Array) => void;
      readonly end: () => void;
    }
  | { readonly kind: 'end' };

type Phase = 'length' | 'bytes' | 'padding';

/** Lengths from here on have no exact number; archives of that size do not fit any disk, but they may be announced. */
const exact = 2n ** 53n;
const longest = 2n ** 63n - 1n;

export class TokenReader {
  /** What comes next: set by whoever understands the strings, before and after each. */
  expectation: Expectation = { kind: 'end' };
  #phase: Phase = 'length';
  readonly #length = Buffer.alloc(8);
  #held = 0;
  #text: Buffer[] = [];
  #left = 0n;
  #small = 0;
  #padding = 0;
  #offset = 0n;

  /** Bytes taken in before the current string began, for messages. */
  get offset(): bigint {
    return this.#offset;
  }

  /** True between strings. */
  get isBetween(): boolean {
    return this.#phase === 'length' && this.#held === 0;
  }

  /** Takes in `chunk` up to the end of the archive, and gives the number of bytes that it has taken. */
  read(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && this.expectation.kind !== 'end') at = this.#advance(chunk, at);
    return at;
  }

  refuse(what: string): never {
    throw new Fault('invalid-nar', `invalid archive: ${what}, at byte ${this.#offset}`, {
      offset: Number(this.#offset),
    });
  }

  #advance(chunk: Uint8Array, at: number): number {
    if (this.#phase === 'length') return this.#readLength(chunk, at);
    if (this.#phase === 'bytes') return this.#readBytes(chunk, at);
    return this.#readPadding(chunk, at);
  }

  #readLength(chunk: Uint8Array, at: number): number {
    const count = Math.min(8 - this.#held, chunk.length - at);
    this.#length.set(chunk.subarray(at, at + count), this.#held);
    this.#held += count;
    this.#offset += BigInt(count);
    if (this.#held === 8) this.#begin();
    return at + count;
  }

  #begin(): void {
    const low = this.#length.readUInt32LE(0);
    const high = this.#length.readUInt32LE(4);
    const length = (BigInt(high) << 32n) | BigInt(low);
    this.#held = 0;
    this.#padding = (8 - (low & 7)) & 7;
    this.#left = length;
    this.#phase = 'bytes';
    const next = this.expectation;
    if (next.kind === 'string' && length > next.limit)
      this.refuse(`${next.what} of ${length} bytes, at most ${next.limit} are allowed`);
    if (next.kind === 'contents') this.#beginContents(length, next.start);
    if (length === 0n) this.#endBytes();
  }

  #beginContents(length: bigint, start: (size: number | bigint) => void): void {
    if (length > longest) this.refuse(`a file of ${length} bytes`);
    start(length < exact ? Number(length) : length);
  }

  #readBytes(chunk: Uint8Array, at: number): number {
    const room = chunk.length - at;
    const count = this.#left < BigInt(room) ? Number(this.#left) : room;
    const part = chunk.subarray(at, at + count);
    const next = this.expectation;
    if (next.kind === 'contents') next.pass(part);
    else this.#text.push(Buffer.from(part));
    this.#left -= BigInt(count);
    this.#offset += BigInt(count);
    if (this.#left === 0n) this.#endBytes();
    return at + count;
  }

  #endBytes(): void {
    this.#phase = 'padding';
    this.#small = this.#padding;
    if (this.#padding === 0) this.#endString();
  }

  #readPadding(chunk: Uint8Array, at: number): number {
    if (chunk[at] !== 0) this.refuse('padding that is not zero');
    this.#offset += 1n;
    if (--this.#small === 0) this.#endString();
    return at + 1;
  }

  #endString(): void {
    this.#phase = 'length';
    const next = this.expectation;
    if (next.kind === 'contents') next.end();
    else if (next.kind === 'string') {
      const text = fromBytes(this.#text.length === 1 ? (this.#text[0] as Buffer) : Buffer.concat(this.#text));
      this.#text = [];
      next.take(text);
    }
  }
}
