/** What is known of how a machine fares: one that fails is left alone for a while, longer each time. */

export interface Health {
  /** How often it has failed since it last did what it should. */
  readonly failures: number;
  /** In ms since 1970: not before then is it to be tried again. */
  readonly restsUntil: number;
  /** What went wrong last; empty when nothing has. */
  readonly reason: string;
}

export const goodHealth: Health = { failures: 0, restsUntil: 0, reason: '' };

const shortestRest = 5000;
const longestRest = 600_000;

export function afterFailure({ failures }: Health, now: number, reason: string): Health {
  const rest = Math.min(longestRest, shortestRest * 2 ** Math.min(failures, 10));
  return { failures: failures + 1, restsUntil: now + rest, reason };
}

/** How long, in ms, it is to be left alone; 0 when it can be tried. */
export function restOf({ restsUntil }: Health, now: number): number {
  // A clock that was set back must not keep a machine away for longer than any rest is.
  return Math.min(longestRest, Math.max(0, restsUntil - now));
}
