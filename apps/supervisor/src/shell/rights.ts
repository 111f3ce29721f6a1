/** What each process may do, when the supervisor is root: capabilities to keep, or another user to become. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProcessEntry } from '@cooper/config';
import type { Log } from '@cooper/log';

const confine = fileURLToPath(new URL('../../../../native/confine/build/confine', import.meta.url));

/** The user of processes that need no rights, where there is no account `cooper`: just below the range of build users. */
const privateUser = '872415231:872415231';

/** What it takes to load a program wherever it lies, and then to become another user. */
const untilItIsLoaded = ['setuid', 'setgid', 'dac_read_search'];

export interface Rights {
  /** The words that go before the command of the process. */
  readonly wrapper: readonly string[];
  /** The words that tell it which user to become. */
  readonly words: readonly string[];
}

/** The rights of `entry`. Without root, they are those of the invoking user. */
export function rightsOf({ name, rights }: ProcessEntry, log: Log): Rights {
  if (process.getuid?.() !== 0 || rights === 'all') return { wrapper: [], words: [] };
  const capabilities = rights === 'none' ? untilItIsLoaded : rights.capabilities;
  return { wrapper: confineTo(name, capabilities, log), words: rights === 'none' ? [`--user=${cooperUser()}`] : [] };
}

/** A process that becomes another user does so itself, once its program is loaded: its files may be out of reach then. */
function confineTo(name: string, capabilities: readonly string[], log: Log): readonly string[] {
  if (existsSync(confine)) return [confine, '--keep-capabilities', capabilities.join(','), '--'];
  log.warning(`cooper-${name} has more rights than it needs: native/confine is not built`);
  return [];
}

function cooperUser(): string {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((text) => text.startsWith('cooper:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? privateUser : `${uid}:${gid}`;
}
