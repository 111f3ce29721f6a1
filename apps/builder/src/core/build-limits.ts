/** When a build has had enough: time in all, time of silence, size of its log. Pure: it is told the time. */
import type { Limits } from '@cooper/contracts';

export type Limit = 'timeout' | 'max-silent-time' | 'max-log-size';

export class BuildLimits {
  readonly #limits: Limits;
  readonly #started: number;
  #heard: number;
  #held = false;
  #size = 0;
  #full = false;

  /** `now` in ms, here and below. */
  constructor(limits: Limits, now: number) {
    this.#limits = limits;
    this.#started = now;
    this.#heard = now;
  }

  /** Bytes of log so far. */
  get logSize(): number {
    return this.#size;
  }

  /**
   * The build has written `size` bytes to its log, which are now being passed on: until then it cannot be heard. How many
   * of them the log has room for.
   */
  hear(size: number, now: number): number {
    const { maxLogSize } = this.#limits;
    const kept = maxLogSize > 0 ? Math.min(size, maxLogSize - this.#size) : size;
    this.#size += kept;
    this.#full ||= kept < size;
    this.#heard = now;
    this.#held = true;
    return kept;
  }

  /** What was heard has been passed on. A build that had to wait for that was not silent. */
  listen(now: number): void {
    this.#heard = now;
    this.#held = false;
  }

  /** The limit that has been reached, if any. */
  reached(now: number): Limit | undefined {
    const { timeout, maxSilentTime } = this.#limits;
    if (this.#full) return 'max-log-size';
    if (maxSilentTime > 0 && now - this.#lastHeard(now) >= maxSilentTime * 1000) return 'max-silent-time';
    if (timeout > 0 && now - this.#started >= timeout * 1000) return 'timeout';
    return undefined;
  }

  /** In how many ms a limit of time is reached if nothing more is heard; nothing without such limits. */
  nextDeadline(now: number): number | undefined {
    const { timeout, maxSilentTime } = this.#limits;
    const deadlines = [
      ...(timeout > 0 ? [this.#started + timeout * 1000] : []),
      ...(maxSilentTime > 0 ? [this.#lastHeard(now) + maxSilentTime * 1000] : []),
    ];
    return deadlines.length === 0 ? undefined : Math.max(0, Math.min(...deadlines) - now);
  }

  #lastHeard(now: number): number {
    return this.#held ? now : this.#heard;
  }
}
