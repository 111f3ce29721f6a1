/** The directory of sockets and locks: for its owner alone, and for one supervisor at a time. */
import { chmodSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import type { Directories } from '@cooper/config';
import { Fault } from '@cooper/fault';
import { tryLock } from '@cooper/system-calls';

/**
 * Makes the directory and takes its lock, which is held until the process ends. False when another supervisor has it.
 * `words` are noted beside it, so that clients can tell which settings are in force.
 */
export function takeRunDirectory({ state, run }: Directories, words: readonly string[]): boolean {
  try {
    mkdirSync(state, { recursive: true, mode: 0o755 });
    mkdirSync(run, { recursive: true, mode: 0o700 });
    chmodSync(run, 0o700);
    if (!tryLock(openSync(`${run}/lock`, 'a', 0o600), true)) return false;
    writeFileSync(`${run}/settings`, words.map((word) => `${word}\n`).join(''));
    return true;
  } catch (error) {
    throw new Fault('cannot-start', `cannot use ${run}: ${(error as Error).message}`, { run }, { cause: error });
  }
}
