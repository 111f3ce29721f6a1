/** What each process may do, when the supervisor is root: capabilities to keep, or another user to become. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProcessEntry } from '@cooper/config';

const confine = fileURLToPath(new URL('../../../../native/confine/build/confine', import.meta.url));

/** The user of processes that need no rights, where there is no account `cooper`: just below the range of build users. */
const privateUser = '872415231:872415231';

/** The words that go before the command of `entry`, and those that tell it which user to become. */
export function rightsOf(entry: ProcessEntry): {
  readonly wrapper: readonly string[];
  readonly words: readonly string[];
} {
  if (process.getuid?.() !== 0) return { wrapper: [], words: [] };
  if (entry.capabilities === null) {
    return {
      wrapper: confineTo(['setuid', 'setgid', 'dac_read_search']),
      words: [`--user=${cooperUser() ?? privateUser}`],
    };
  }
  return { wrapper: entry.capabilities.length === 0 ? [] : confineTo(entry.capabilities), words: [] };
}

/** A process that becomes another user does so itself, once its program is loaded: its files may be out of reach then. */
function confineTo(capabilities: readonly string[]): readonly string[] {
  return existsSync(confine) ? [confine, '--keep-capabilities', capabilities.join(','), '--'] : [];
}

function cooperUser(): string | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((text) => text.startsWith('cooper:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : `${uid}:${gid}`;
}
