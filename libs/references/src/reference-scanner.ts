/**
 * Finds which of given hash parts occur in a stream: how references between store items are discovered
 * (scanForReferences of the reference implementation). Exact wherever the stream is cut into chunks.
 *
 * What is not one run of the 32 characters is not found: text in UTF-16, compressed data, a name split over two places.
 */
import { HashPartSearch, hashPartLength } from './hash-part-search.ts';

/** As many bytes of the end of a chunk can belong to a hash part that ends in the next. */
const overlap = hashPartLength - 1;

export class ReferenceScanner {
  readonly #parts: readonly string[];
  readonly #search: HashPartSearch;
  readonly #isFound: Uint8Array;
  #missing: number;
  /** The last bytes of the stream, followed by room for the first ones of the next chunk. */
  readonly #seam = Buffer.alloc(2 * overlap);
  #held = 0;

  /** Throws a fault `invalid-hash-part` for a candidate that is not 32 base-32 characters. Duplicates count once. */
  constructor(hashParts: Iterable<string>) {
    this.#parts = [...new Set(hashParts)];
    this.#search = new HashPartSearch(this.#parts);
    this.#isFound = new Uint8Array(this.#parts.length);
    this.#missing = this.#parts.length;
  }

  /** Takes in the next bytes. They are only lent. */
  push(chunk: Uint8Array): void {
    if (this.#missing === 0) return;
    this.#scanSeam(chunk);
    this.#scan(chunk);
    this.#hold(chunk);
  }

  /** The hash parts found so far, in the order in which they were given. */
  found(): string[] {
    return this.#parts.filter((_, place) => this.#isFound[place] === 1);
  }

  #scanSeam(chunk: Uint8Array): void {
    if (this.#held === 0) return;
    const count = Math.min(chunk.length, overlap);
    this.#seam.set(chunk.subarray(0, count), this.#held);
    this.#scan(this.#seam.subarray(0, this.#held + count));
  }

  #scan(bytes: Uint8Array): void {
    let end = this.#search.next(bytes, hashPartLength - 1);
    while (end >= 0 && this.#missing > 0) {
      this.#note(this.#search.matched);
      end = this.#search.next(bytes, end + 1);
    }
  }

  #note(place: number): void {
    if (this.#isFound[place] === 1) return;
    this.#isFound[place] = 1;
    this.#missing--;
  }

  #hold(chunk: Uint8Array): void {
    const kept = Math.min(this.#held, Math.max(0, overlap - chunk.length));
    this.#seam.copyWithin(0, this.#held - kept, this.#held);
    const added = Math.min(chunk.length, overlap);
    this.#seam.set(chunk.subarray(chunk.length - added), kept);
    this.#held = kept + added;
  }
}
