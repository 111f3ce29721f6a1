/** Whether what comes, comes: a server that sends a byte now and then is as good as silent. */

/** Looked at every so many ms; */
const interval = 5000;
/** and so many bytes have to have come in each. */
const least = 4096;

export class Pace {
  #since: number;
  #bytes = 0;

  constructor(now: number) {
    this.#since = now;
  }

  /** Counts bytes that have come. False when it is too slow to go on waiting. */
  take(bytes: number, now: number): boolean {
    this.#bytes += bytes;
    if (now - this.#since < interval) return true;
    const enough = this.#bytes >= least;
    this.#since = now;
    this.#bytes = 0;
    return enough;
  }
}
