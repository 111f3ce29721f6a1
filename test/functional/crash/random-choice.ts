/** Choices that are the same for the same seed, so that a drill that failed can be had again. */

export class RandomChoice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to 1: a linear congruential generator (Numerical Recipes). */
  fraction(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }

  among<T>(list: readonly T[]): T {
    return list[Math.floor(this.fraction() * list.length)] as T;
  }
}
