/** The words that go before the command of a process, so that it has no more rights than it is to have from its start. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { heldAmong } from './capabilities.ts';

const confine = fileURLToPath(new URL('../../../native/confine/build/confine', import.meta.url));

/** What it takes to load a program wherever it lies, and then to become another user. */
export const untilItIsLoaded = ['setuid', 'setgid', 'dac_read_search'] as const;

/** Has a command keep `capabilities`, of those that this process holds; undefined where native/confine is not built. */
export function confinedTo(capabilities: readonly string[]): readonly string[] | undefined {
  if (!existsSync(confine)) return undefined;
  const held = heldAmong(capabilities, readFileSync('/proc/self/status', 'utf8'));
  const kept = held.length === 0 ? [] : ['--keep-capabilities', held.join(',')];
  return [confine, ...kept, '--'];
}
