/** What each process may do, when the supervisor is root: capabilities to keep, or another user to become. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cooperUser, type ProcessEntry } from '@cooper/config';
import type { Log } from '@cooper/log';
import type { User } from '@cooper/process';
import { heldAmong } from '../core/capabilities.ts';

const confine = fileURLToPath(new URL('../../../../native/confine/build/confine', import.meta.url));

/** What it takes to load a program wherever it lies, and then to become another user. */
const untilItIsLoaded = ['setuid', 'setgid', 'dac_read_search'];

export interface Rights {
  /** The words that go before the command of the process. */
  readonly wrapper: readonly string[];
  /** The words that tell it which user to become. */
  readonly words: readonly string[];
  /** The user that it is from the start; ours if absent. */
  readonly user?: User;
}

/** The rights of `entry`. Without root, they are those of the invoking user. */
export function rightsOf({ name, rights }: ProcessEntry, log: Log): Rights {
  if (process.getuid?.() !== 0 || rights === 'all') return { wrapper: [], words: [] };
  if (rights === 'none') return { wrapper: confineTo(name, [], log), words: [], user: cooperUser() };
  if (rights !== 'dropped') return { wrapper: confineTo(name, rights.capabilities, log), words: [] };
  const { uid, gid } = cooperUser();
  return { wrapper: confineTo(name, untilItIsLoaded, log), words: [`--user=${uid}:${gid}`] };
}

/** A process that becomes another user does so itself, once its program is loaded: its files may be out of reach then. */
function confineTo(name: string, capabilities: readonly string[], log: Log): readonly string[] {
  const held = heldAmong(capabilities, readFileSync('/proc/self/status', 'utf8'));
  const kept = held.length === 0 ? [] : ['--keep-capabilities', held.join(',')];
  if (existsSync(confine)) return [confine, ...kept, '--'];
  log.warning(`cooper-${name} has more rights than it needs: native/confine is not built`);
  return [];
}
