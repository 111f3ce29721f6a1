/**
 * What a machine may take for a build, kept on this side: it may not wait for ever before it begins, keeps the limits of the
 * build with some time more for that, and goes on sending what it made. One whose heart beats while a build gets nowhere has
 * failed at that build.
 */
import type { Limits } from '@cooper/contracts';
import { machineFailure } from './machine-failure.ts';

/** The longest time that a timer takes. */
const longest = 2 ** 31 - 1;

/** In ms: what it has beyond each limit; and how long nothing may be heard of a build whose builder does not run. */
export interface Patience {
  readonly patience: number;
  readonly jobPatience: number;
}

/** How long, in ms, it may say nothing, and what it has not done then. */
interface Silence {
  readonly most: number;
  readonly what: string;
}

export class LimitGuard {
  /** Throws a failure of the machine when it has taken too long; never resolves. */
  readonly late: Promise<never>;
  readonly #limits: Limits;
  readonly #times: Patience;
  readonly #giveUp: (failure: unknown) => void;
  #step: 'inputs' | 'waiting' | 'running' | 'returning' | 'over' = 'inputs';
  #silence: Silence | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #wholeTimer: NodeJS.Timeout | undefined;

  constructor(limits: Limits, times: Patience) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.late = promise;
    this.late.catch(() => undefined);
    this.#giveUp = reject;
    this.#limits = limits;
    this.#times = times;
  }

  /** All that it needs is there: it is to begin. */
  arrive(): void {
    if (this.#step !== 'inputs') return;
    this.#step = 'waiting';
    this.#listen({ most: this.#times.jobPatience, what: 'it has not begun the build, nor said why, for' });
  }

  /** The build runs. */
  begin(): void {
    if (this.#step !== 'inputs' && this.#step !== 'waiting') return;
    this.#step = 'running';
    const { timeout, maxSilentTime } = this.#limits;
    const { patience } = this.#times;
    const what = 'it has not ended the build when it had been silent for';
    this.#listen(maxSilentTime === 0 ? undefined : { most: maxSilentTime * 1000, what });
    if (timeout === 0) return;
    const failure = machineFailure(`it has not ended the build after ${timeout} s`);
    this.#wholeTimer = setTimeout(() => this.#giveUp(failure), Math.min(longest, timeout * 1000 + patience));
  }

  /** It has succeeded, and what it made is on its way. */
  return(): void {
    if (this.#step === 'over') return;
    this.#step = 'returning';
    clearTimeout(this.#wholeTimer);
    this.#listen({ most: this.#times.jobPatience, what: 'it has sent nothing more of what it made for' });
  }

  /** Does what follows from something that it said. For as long as that takes here, it is not waited for. */
  async hear(work: () => Promise<void>): Promise<void> {
    clearTimeout(this.#silenceTimer);
    try {
      await work();
    } finally {
      this.#restart();
    }
  }

  stop(): void {
    this.#step = 'over';
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#wholeTimer);
  }

  #listen(silence: Silence | undefined): void {
    this.#silence = silence;
    this.#restart();
  }

  #restart(): void {
    clearTimeout(this.#silenceTimer);
    if (this.#silence === undefined || this.#step === 'over') return;
    const { most, what } = this.#silence;
    const beyond = this.#step === 'running' ? this.#times.patience : 0;
    const failure = machineFailure(`${what} ${most / 1000} s`);
    this.#silenceTimer = setTimeout(() => this.#giveUp(failure), Math.min(longest, most + beyond));
  }
}
