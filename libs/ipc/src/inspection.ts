/**
 * The look at a message before it is decoded: well-formed MessagePack, one value and nothing behind it, nesting and
 * counts within limits, no floating point, no extension types, UTF-8 in texts, keys that are text and differ. Nothing is allocated for what a message
 * announces and does not hold.
 */
import { isUtf8 } from 'node:buffer';
import { Fault } from '@cooper/fault';
import { KeySet } from './key-set.ts';

/** How deep the values of a message may nest. */
export const maxDepth = 32;

/** The longest key, in bytes, in whatever form it is written. */
const longestKey = 0xffff;

/** The longest text, in bytes, that is looked at here rather than by the native check of UTF-8. */
const longestPlain = 128;

/** Throws the fault `malformed-message`, with the offset of what is wrong, unless `message` may be decoded. */
export function inspect(message: Buffer): void {
  const end = new Inspector(message).value(0, 0);
  if (end !== message.length) refuse('bytes after the message', end);
}

class Inspector {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The offset behind the value at `at`. */
  value(at: number, depth: number): number {
    if (depth > maxDepth) refuse(`nested deeper than ${maxDepth}`, at);
    const type = this.#byte(at);
    if (type <= 0x7f || type >= 0xe0) return at + 1;
    if (type <= 0x8f) return this.#map(at + 1, type & 0x0f, depth);
    if (type <= 0x9f) return this.#array(at + 1, type & 0x0f, depth);
    if (type <= 0xbf) return this.#text(at + 1, type & 0x1f);
    return this.#longValue(type, at, depth);
  }

  #longValue(type: number, at: number, depth: number): number {
    switch (type) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return at + 1;
      case 0xc4:
        return this.#skip(at + 2, this.#length(at + 1, 1));
      case 0xc5:
        return this.#skip(at + 3, this.#length(at + 1, 2));
      case 0xc6:
        return this.#skip(at + 5, this.#length(at + 1, 4));
      case 0xd9:
        return this.#text(at + 2, this.#length(at + 1, 1));
      case 0xda:
        return this.#text(at + 3, this.#length(at + 1, 2));
      case 0xdb:
        return this.#text(at + 5, this.#length(at + 1, 4));
      case 0xcc:
      case 0xd0:
        return this.#skip(at + 1, 1);
      case 0xcd:
      case 0xd1:
        return this.#skip(at + 1, 2);
      case 0xce:
      case 0xd2:
        return this.#skip(at + 1, 4);
      case 0xcf:
      case 0xd3:
        return this.#skip(at + 1, 8);
      case 0xdc:
        return this.#array(at + 3, this.#length(at + 1, 2), depth);
      case 0xdd:
        return this.#array(at + 5, this.#length(at + 1, 4), depth);
      case 0xde:
        return this.#map(at + 3, this.#length(at + 1, 2), depth);
      case 0xdf:
        return this.#map(at + 5, this.#length(at + 1, 4), depth);
      default:
        return refuse(`type 0x${type.toString(16)} is not allowed`, at);
    }
  }

  #array(at: number, count: number, depth: number): number {
    this.#expect(at, count);
    let next = at;
    for (let index = 0; index < count; index++) next = this.value(next, depth + 1);
    return next;
  }

  #map(at: number, count: number, depth: number): number {
    this.#expect(at, 2 * count);
    const keys = new KeySet(this.#bytes, count);
    let next = at;
    for (let index = 0; index < count; index++) {
      const text = next + this.#keyHeader(next);
      const behindKey = this.value(next, 0);
      if (!keys.add(text, behindKey)) refuse('the same key twice', next);
      next = this.value(behindKey, depth + 1);
    }
    return next;
  }

  /** How many bytes stand before the text of the key. One name has several forms, which are one key. */
  #keyHeader(at: number): number {
    const type = this.#byte(at);
    if ((type & 0xe0) === 0xa0) return 1;
    if (type === 0xd9) return 2;
    if (type === 0xda) return 3;
    if (type === 0xdb && this.#length(at + 1, 4) <= longestKey) return 5;
    return refuse('a key that is not text, or too long', at);
  }

  #text(at: number, size: number): number {
    const end = this.#skip(at, size);
    if (!this.#isPlain(at, end) && !isUtf8(this.#bytes.subarray(at, end))) refuse('text that is not UTF-8', at);
    return end;
  }

  /** Whether it is short and ASCII, as most text is: told without leaving JavaScript. */
  #isPlain(at: number, end: number): boolean {
    if (end - at > longestPlain) return false;
    for (let index = at; index < end; index++) if ((this.#bytes[index] as number) > 0x7f) return false;
    return true;
  }

  /** Every value takes a byte at least: a count that the rest of the message cannot hold is a lie. */
  #expect(at: number, count: number): void {
    if (count > this.#bytes.length - at) refuse(`${count} values announced, which the message cannot hold`, at);
  }

  #skip(at: number, size: number): number {
    if (size > this.#bytes.length - at) refuse('cut off', at);
    return at + size;
  }

  #length(at: number, size: number): number {
    this.#skip(at, size);
    return this.#bytes.readUIntBE(at, size);
  }

  #byte(at: number): number {
    return this.#bytes[at] ?? refuse('cut off', at);
  }
}

function refuse(what: string, offset: number): never {
  throw new Fault('malformed-message', `malformed message: ${what}, at byte ${offset}`, { offset });
}
