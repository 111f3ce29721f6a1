/** What each process may do, when the supervisor is root: capabilities to keep, or another user to become. */
import { cooperUser, type ProcessEntry } from '@cooper/config';
import type { Log } from '@cooper/log';
import { confinedTo, type User, untilItIsLoaded } from '@cooper/process';

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
  const words = confinedTo(capabilities);
  if (words === undefined) log.warning(`cooper-${name} has more rights than it needs: native/confine is not built`);
  return words ?? [];
}
