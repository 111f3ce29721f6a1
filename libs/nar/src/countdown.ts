/** A number of bytes that are still to come: exact for any 64-bit size, and no bigint in the way of the usual ones. */
export class Countdown {
  #left = 0;
  /** What goes past the exact numbers. */
  #rest = 0n;

  get isPending(): boolean {
    return this.#left > 0;
  }

  start(size: number | bigint): void {
    const isExact = size <= Number.MAX_SAFE_INTEGER;
    this.#left = isExact ? Number(size) : Number.MAX_SAFE_INTEGER;
    this.#rest = isExact ? 0n : BigInt(size) - BigInt(Number.MAX_SAFE_INTEGER);
  }

  /** Takes off `available` or what is left, whichever is less, and gives that number. */
  take(available: number): number {
    const count = Math.min(available, this.#left);
    this.#left -= count;
    if (this.#left === 0 && this.#rest > 0n) this.start(this.#rest);
    return count;
  }
}
