/**
 * The limits of a build, kept on this side as well: the machine keeps them, and has some time more for that. One whose heart
 * beats while its build never ends is given up.
 */
import type { Limits } from '@cooper/contracts';
import type { Fault } from '@cooper/fault';
import { machineFailure } from './machine-failure.ts';

export interface LimitGuard {
  /** Something came from the build. */
  heard(): void;
  stop(): void;
}

/** Calls `giveUp` when a limit is `patience` ms past. */
export function limitGuard(
  { timeout, maxSilentTime }: Limits,
  patience: number,
  giveUp: (failure: Fault) => void,
): LimitGuard {
  const late = (seconds: number, what: string) => {
    if (seconds === 0) return undefined;
    const failure = machineFailure(`it has not ended the build ${what} ${seconds} s`);
    // The longest time that a timer takes.
    return setTimeout(() => giveUp(failure), Math.min(2 ** 31 - 1, seconds * 1000 + patience));
  };
  const whole = late(timeout, 'after');
  const silent = late(maxSilentTime, 'when it had been silent for');
  return {
    heard: () => void silent?.refresh(),
    stop: () => {
      clearTimeout(whole);
      clearTimeout(silent);
    },
  };
}
