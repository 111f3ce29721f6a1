/**
 * Holds a build agent to the limits of a job, should it not do so itself: one that is silent about a build for long after a limit
 * of it, or after it was told to stop, is cut off, so that nothing waits for it for ever. What comes before `started` has no
 * limit: the job may stand in a queue.
 */
import type { BuildEvent, Limits } from '@cooper/contracts';

/** How much longer than the limits, in ms: outputs may be on their way from another machine, which nothing is heard of. */
const afterLimit = 2 * 60 * 60_000;

/** How long, in ms, an agent may take to end what nobody wants any more: it kills, and removes large trees. */
const afterCancelling = 15 * 60_000;

/** What a timer can wait for; limits beyond that are none. */
const longest = 2 ** 31 - 1;

type Watched = 'timeout' | 'silence' | 'cancelling';

export class BuildWatch {
  readonly #limits: Limits;
  readonly #cutOff: () => void;
  readonly #timers = new Map<Watched, NodeJS.Timeout>();
  #hasStarted = false;
  #hasEnded = false;

  /** `cutOff` is called when the agent has had its time. */
  constructor(limits: Limits, cutOff: () => void) {
    this.#limits = limits;
    this.#cutOff = cutOff;
  }

  /** The agent has told something of the build. */
  hear({ event }: Pick<BuildEvent, 'event'>): void {
    const { timeout, maxSilentTime } = this.#limits;
    if (event === 'started' && !this.#hasStarted) {
      this.#hasStarted = true;
      if (timeout > 0) this.#wait('timeout', timeout * 1000 + afterLimit);
    }
    if (this.#hasStarted && maxSilentTime > 0) this.#wait('silence', maxSilentTime * 1000 + afterLimit);
  }

  /** The agent has been told to stop. */
  cancel(): void {
    this.#wait('cancelling', afterCancelling);
  }

  /** The build has ended. */
  close(): void {
    this.#hasEnded = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #wait(name: Watched, time: number): void {
    clearTimeout(this.#timers.get(name));
    if (time <= longest && !this.#hasEnded) this.#timers.set(name, setTimeout(this.#cutOff, time));
  }
}
