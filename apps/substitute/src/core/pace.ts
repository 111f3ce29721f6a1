/** How fast what comes, comes: a server that sends a byte now and then is as good as silent, and there may be better ones. */

/** Looked at every so many ms; */
const interval = 5000;
/** and so many bytes a second have to come. */
const least = 820;

/** What a cache may give of which nothing is known, in bytes a second: a modest guess. */
const unknown = 512 * 1024;

/** So many times faster another cache has to be, if it is to be worth the change. */
const margin = 8;

export class Pace {
  #since: number;
  #bytes = 0;

  constructor(now: number) {
    this.#since = now;
  }

  /** Counts bytes that have come. The bytes a second of late, when it is time to look at that. */
  take(bytes: number, now: number): number | undefined {
    this.#bytes += bytes;
    const time = now - this.#since;
    if (time < interval) return undefined;
    const rate = (this.#bytes / time) * 1000;
    this.#since = now;
    this.#bytes = 0;
    return rate;
  }
}

export function isTrickle(rate: number): boolean {
  return rate < least;
}

/** Whether another cache is worth trying; `speeds`: of the others, in bytes a second, null for what is not known. */
export function isWorthChanging(rate: number, speeds: readonly (number | null)[]): boolean {
  return speeds.some((speed) => (speed ?? unknown) > rate * margin);
}
