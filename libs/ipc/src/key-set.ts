/** The keys of one map of a message, as ranges of its bytes: tells when one comes twice. */

/** Up to so many keys are compared one by one, which costs less than a set of strings. */
const few = 16;

export class KeySet {
  readonly #bytes: Buffer;
  /** Where keys start and end, by turns. */
  readonly #ranges: number[] = [];
  readonly #texts: Set<string> | undefined;

  /** For a map of `count` keys in `bytes`. */
  constructor(bytes: Buffer, count: number) {
    this.#bytes = bytes;
    if (count > few) this.#texts = new Set();
  }

  /** Takes in the key from `start` to `end`. False when it was there. */
  add(start: number, end: number): boolean {
    if (this.#texts !== undefined) {
      const size = this.#texts.size;
      return this.#texts.add(this.#bytes.toString('latin1', start, end)).size > size;
    }
    for (let index = 0; index < this.#ranges.length; index += 2) {
      const earlier = this.#ranges[index] as number;
      if (this.#ranges[index + 1] === earlier + end - start && this.#isSame(earlier, start, end)) return false;
    }
    this.#ranges.push(start, end);
    return true;
  }

  #isSame(earlier: number, start: number, end: number): boolean {
    for (let index = 0; index < end - start; index++) {
      if (this.#bytes[earlier + index] !== this.#bytes[start + index]) return false;
    }
    return true;
  }
}
