/**
 * Replaces hash parts in a stream by others of the same length, so that an output built under one name can be kept
 * under another. Exact wherever the stream is cut into chunks; memory is that of one chunk.
 *
 * Places are rewritten from left to right, and what was written counts for places that begin later: for a map of one,
 * the result is that of the reference implementation's `rewriteHashes`. A map that exchanges two hash parts exchanges
 * them.
 */
import { HashPartSearch, hashPartBytes, hashPartLength } from './hash-part-search.ts';

const overlap = hashPartLength - 1;

export class HashRewriter {
  readonly #search: HashPartSearch;
  readonly #replacements: readonly Uint8Array[];
  /** Bytes that may be the start of a hash part that ends in the next chunk. */
  #held = Buffer.alloc(0);

  /** Throws a fault `invalid-hash-part` where a key or value is not 32 base-32 characters. */
  constructor(rewrites: ReadonlyMap<string, string>) {
    this.#search = new HashPartSearch([...rewrites.keys()]);
    this.#replacements = [...rewrites.values()].map(hashPartBytes);
  }

  /** Takes in the next bytes, which are only lent, and gives those that are final: the stream up to 31 bytes behind. */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.concat([this.#held, chunk]);
    this.#rewrite(bytes);
    const done = Math.max(0, bytes.length - overlap);
    this.#held = Buffer.from(bytes.subarray(done));
    return bytes.subarray(0, done);
  }

  /** The last bytes of the stream. */
  end(): Uint8Array {
    const last = this.#held;
    this.#held = Buffer.alloc(0);
    return last;
  }

  #rewrite(bytes: Uint8Array): void {
    if (this.#replacements.length === 0) return;
    let end = this.#search.next(bytes, hashPartLength - 1);
    while (end >= 0) {
      bytes.set(this.#replacements[this.#search.matched] as Uint8Array, end - overlap);
      end = this.#search.next(bytes, end + 1);
    }
  }
}
