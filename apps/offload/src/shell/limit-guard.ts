/**
 * The limits of a build, kept on this side as well, from when it runs: the machine keeps them, and has some time more for that.
 * One whose heart beats while a build never ends has failed at that build.
 */
import type { Limits } from '@cooper/contracts';
import { machineFailure } from './machine-failure.ts';

/** The longest time that a timer takes. */
const longest = 2 ** 31 - 1;

export class LimitGuard {
  /** Throws a failure of the machine when a limit is past; never resolves. */
  readonly late: Promise<never>;
  readonly #limits: Limits;
  readonly #patience: number;
  readonly #giveUp: (failure: unknown) => void;
  readonly #timers: NodeJS.Timeout[] = [];

  /** `patience`: what the machine has beyond each limit, in ms. */
  constructor(limits: Limits, patience: number) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.late = promise;
    this.late.catch(() => undefined);
    this.#giveUp = reject;
    this.#limits = limits;
    this.#patience = patience;
  }

  /** The build runs. */
  begin(): void {
    if (this.#timers.length > 0) return;
    const { timeout, maxSilentTime } = this.#limits;
    this.#watch(maxSilentTime, 'when it had been silent for');
    this.#watch(timeout, 'after');
  }

  /** It has said something. */
  heard(): void {
    if (this.#limits.maxSilentTime > 0) this.#timers[0]?.refresh();
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #watch(seconds: number, what: string): void {
    if (seconds === 0) return;
    const failure = machineFailure(`it has not ended the build ${what} ${seconds} s`);
    const time = Math.min(longest, seconds * 1000 + this.#patience);
    this.#timers.push(setTimeout(() => this.#giveUp(failure), time));
  }
}
