/**
 * Finds hash parts (32 base-32 characters, the part of a store path that tells it from all others) in bytes.
 *
 * A window of 32 bytes is looked at from its end: a byte that no hash part can hold, or four characters that none holds
 * there, move the window on by up to 32 bytes at once (Wu and Manber, "A fast algorithm for multi-pattern searching",
 * 1994). Every step moves it by one byte at least and costs a bounded number of operations, so that no input, built
 * from the hash parts themselves or not, takes more than linear time. Nothing is allocated while searching.
 */
import { Fault } from '@cooper/fault';

export const hashPartLength = 32;

const alphabet = '0123456789abcdfghijklmnpqrsvwxyz';
const notBase32 = 32;

/** The value of each byte as a base-32 digit, `notBase32` for all others. */
const digits = new Uint8Array(256).fill(notBase32);
for (let value = 0; value < alphabet.length; value++) digits[alphabet.charCodeAt(value)] = value;

/** How many characters at the end of the window are looked up together. */
const blockLength = 4;
const farthest = hashPartLength - blockLength + 1;

/** Of a table of blocks: entries for each block of a hash part, as long as it fits the nearer caches. */
const spread = 32;
const fewestBits = 12;
const mostBits = 18;

/** Past this many hash parts a larger table of blocks pays for its size. */
const many = 2000;
const bitsForMany = 20;

export class HashPartSearch {
  /** The hash part (its place in the list given) that `next` found last. */
  matched = -1;
  readonly #parts: Uint8Array;
  /** How far the window may move when it ends with a block; 0 where a hash part ends with it. */
  readonly #moves: Uint8Array;
  /** The same where a hash part ends with the block but is not what the window holds. */
  readonly #movesPast: Uint8Array;
  readonly #blockMask: number;
  /** Open addressing by hash: the places of hash parts plus one. */
  readonly #places: Int32Array;
  /** Of this search alone, so that nobody can choose hash parts that all fall on one slot. */
  readonly #seed = Math.floor(Math.random() * 2 ** 31) * 2 + 1;

  /** `parts` differ from each other. Throws a fault `invalid-hash-part` where one is not 32 base-32 characters. */
  constructor(parts: readonly string[]) {
    this.#parts = Buffer.concat(parts.map(hashPartBytes));
    this.#blockMask = 2 ** blockBits(parts.length) - 1;
    this.#moves = new Uint8Array(this.#blockMask + 1).fill(farthest);
    this.#movesPast = new Uint8Array(this.#blockMask + 1).fill(farthest);
    this.#places = new Int32Array(2 ** Math.ceil(Math.log2(2 * parts.length + 1)));
    for (let place = 0; place < parts.length; place++) this.#add(place);
  }

  /**
   * The index of the last byte of the first hash part in `bytes` that ends at `end` or after it, or -1. The first
   * call on some bytes has an `end` of 31; to go on after a match, add one.
   */
  next(bytes: Uint8Array, end: number): number {
    const moves = this.#moves;
    const mask = this.#blockMask;
    const length = bytes.length;
    for (let at = skipOthers(bytes, end); at < length; at = skipOthers(bytes, at)) {
      const d = digits[bytes[at] as number] as number;
      if (d === notBase32) {
        at += hashPartLength;
        continue;
      }
      const c = digits[bytes[at - 1] as number] as number;
      if (c === notBase32) {
        at += hashPartLength - 1;
        continue;
      }
      const b = digits[bytes[at - 2] as number] as number;
      if (b === notBase32) {
        at += hashPartLength - 2;
        continue;
      }
      const a = digits[bytes[at - 3] as number] as number;
      if (a === notBase32) {
        at += hashPartLength - 3;
        continue;
      }
      const block = ((a << 15) | (b << 10) | (c << 5) | d) & mask;
      const move = moves[block] as number;
      if (move > 0) at += move;
      else if (this.#matches(bytes, at - hashPartLength + 1)) return at;
      else at += this.#movesPast[block] as number;
    }
    return -1;
  }

  #add(place: number): void {
    const start = place * hashPartLength;
    for (let offset = 0; offset < farthest; offset++) {
      const block = blockAt(this.#parts, start + offset) & this.#blockMask;
      const move = farthest - 1 - offset;
      this.#moves[block] = Math.min(this.#moves[block] as number, move);
      if (move > 0) this.#movesPast[block] = Math.min(this.#movesPast[block] as number, move);
    }
    let slot = this.#slot(this.#parts, start);
    while (this.#places[slot] !== 0) slot = this.#slotAfter(slot);
    this.#places[slot] = place + 1;
  }

  #slot(bytes: Uint8Array, start: number): number {
    let hash = this.#seed;
    for (let offset = 0; offset < hashPartLength; offset += 4) {
      const low = (bytes[start + offset] as number) | ((bytes[start + offset + 1] as number) << 8);
      const high = (bytes[start + offset + 2] as number) | ((bytes[start + offset + 3] as number) << 8);
      hash = Math.imul(hash ^ low ^ (high << 16), this.#seed);
      hash ^= hash >>> 15;
    }
    return hash & (this.#places.length - 1);
  }

  #slotAfter(slot: number): number {
    return (slot + 1) & (this.#places.length - 1);
  }

  #matches(bytes: Uint8Array, start: number): boolean {
    const places = this.#places;
    for (let slot = this.#slot(bytes, start); places[slot] !== 0; slot = this.#slotAfter(slot)) {
      const place = (places[slot] as number) - 1;
      if (!this.#equals(bytes, start, place * hashPartLength)) continue;
      this.matched = place;
      return true;
    }
    return false;
  }

  #equals(bytes: Uint8Array, start: number, partStart: number): boolean {
    for (let offset = 0; offset < hashPartLength; offset++)
      if (bytes[start + offset] !== this.#parts[partStart + offset]) return false;
    return true;
  }
}

/**
 * Goes on by whole windows while they end with a byte that no hash part can hold: the usual case, which takes most of the
 * time. Four windows a turn; the last few are left to the caller.
 */
function skipOthers(bytes: Uint8Array, start: number): number {
  const far = bytes.length - 3 * hashPartLength;
  let at = start;
  while (at < far) {
    if (digits[bytes[at] as number] !== notBase32) break;
    at += hashPartLength;
    if (digits[bytes[at] as number] !== notBase32) break;
    at += hashPartLength;
    if (digits[bytes[at] as number] !== notBase32) break;
    at += hashPartLength;
    if (digits[bytes[at] as number] !== notBase32) break;
    at += hashPartLength;
  }
  return at;
}

/** The size of a table of blocks, as a power of 2: small outputs are searched in less time than a large one is made. */
function blockBits(parts: number): number {
  if (parts > many) return bitsForMany;
  return Math.max(fewestBits, Math.min(mostBits, Math.ceil(Math.log2(parts * farthest * spread + 1))));
}

/** The number of the block that starts at a place. */
function blockAt(bytes: Uint8Array, at: number): number {
  let block = 0;
  for (let offset = 0; offset < blockLength; offset++)
    block = (block << 5) | (digits[bytes[at + offset] as number] as number);
  return block;
}

/** The bytes of a hash part. Throws a fault `invalid-hash-part` where it is not 32 base-32 characters. */
export function hashPartBytes(part: string): Uint8Array {
  const bytes = Buffer.from(part, 'latin1');
  const isHashPart = part.length === hashPartLength && [...part].every((character) => alphabet.includes(character));
  if (isHashPart) return bytes;
  throw new Fault('invalid-hash-part', `not the hash part of a store path: ${JSON.stringify(part)}`, { part });
}
