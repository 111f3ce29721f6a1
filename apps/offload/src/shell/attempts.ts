/** How often machines were lost at a derivation: after some attempts that is the outcome, rather than one more. */
import type { StorePath } from '@cooper/store-path';

/** As many machines may be lost at one derivation. */
const most = 5;
/** How many derivations are remembered. */
const remembered = 10_000;

export class Attempts {
  readonly #lost = new Map<StorePath, number>();

  /** Counts a loss. True when there have been too many. */
  lose(derivation: StorePath): boolean {
    const count = (this.#lost.get(derivation) ?? 0) + 1;
    this.#lost.delete(derivation);
    this.#lost.set(derivation, count);
    const [oldest] = this.#lost.keys();
    if (this.#lost.size > remembered && oldest !== undefined) this.#lost.delete(oldest);
    return count >= most;
  }

  /** It has come to an end that is its own. */
  forget(derivation: StorePath): void {
    this.#lost.delete(derivation);
  }
}
