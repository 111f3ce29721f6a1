/** How long to wait before a process that died is started again: at once, but ever longer when it dies at once. */

/** A process that lived this long, in ms, was well. */
const well = 10_000;
const first = 100;
const longest = 30_000;

export interface Restart {
  /** Deaths in a row of processes that had not lived long. */
  readonly quickDeaths: number;
}

export const noDeaths: Restart = { quickDeaths: 0 };

/** What to do after a process has died that lived `lifetime` ms: wait so long, and remember this. */
export function afterDeath(restart: Restart, lifetime: number): { readonly delay: number; readonly restart: Restart } {
  if (lifetime >= well) return { delay: 0, restart: noDeaths };
  const delay = Math.min(longest, first * 2 ** restart.quickDeaths);
  return { delay, restart: { quickDeaths: restart.quickDeaths + 1 } };
}
