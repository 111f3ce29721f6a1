/** What to do when a process has died: how long to wait before it is started again, and when to give up. */

/** A process that lived this long, in ms, was well. */
const well = 10_000;
const first = 100;
const longest = 30_000;

/** How often a process may die at once before those who wait for it are told that it cannot be started. */
const hopeless = 3;

/** Exit codes of processes that would die of the same again: a bad command line, a bad configuration. */
const final: ReadonlySet<string> = new Set(['exit code 64', 'exit code 78']);

export interface Restart {
  /** Deaths in a row of processes that had not lived long. */
  readonly quickDeaths: number;
}

export const noDeaths: Restart = { quickDeaths: 0 };

export interface Death {
  /** How it ended: `exit code 70`, `SIGKILL`. */
  readonly how: string;
  /** In ms. */
  readonly lifetime: number;
}

/** What to do after a death: wait `delay` ms and start again, or give up; and what to remember. */
export type Decision = { readonly restart: Restart } & ({ readonly delay: number } | { readonly giveUp: string });

/**
 * Decides what follows from the death of a process. `persistent`: it has to run whenever it can, as in a service that
 * nobody waits for; else somebody does, and wants to know.
 */
export function afterDeath(restart: Restart, { how, lifetime }: Death, persistent: boolean): Decision {
  const quickDeaths = lifetime < well ? restart.quickDeaths + 1 : 0;
  if (final.has(how)) return { restart: { quickDeaths }, giveUp: 'it would end so again' };
  if (!persistent && quickDeaths >= hopeless) {
    return { restart: { quickDeaths }, giveUp: `it has ended ${quickDeaths} times right after its start` };
  }
  const delay = quickDeaths === 0 ? 0 : Math.min(longest, first * 2 ** (quickDeaths - 1));
  return { restart: { quickDeaths }, delay };
}
