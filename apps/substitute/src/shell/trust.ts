/** Whose signatures count here: the list `acl` of the configuration directory, read again when it changes, and Nix's keys. */
import { readFileSync, statSync } from 'node:fs';
import type { Settings } from '@cooper/config';
import { isFault } from '@cooper/fault';
import type { Log } from '@cooper/log';
import type { Narinfo } from '@cooper/narinfo';
import {
  type AccessList,
  emptyAccessList,
  firstAccessList,
  judgeNarinfo,
  type NarinfoVerdict,
  type NixPublicKey,
  parseAccessList,
  parseNixPublicKey,
} from '@cooper/signature';

/** How many narinfos that were found authorised are remembered, and of what size: fetches follow a query. */
const remembered = { count: 2000, size: 8192 } as const;

export class Trust {
  /** The list; and the key of this host, which alone counts where there is no list. */
  readonly #files: readonly [list: string, ownKey: string];
  readonly #nixKeys: readonly NixPublicKey[];
  /** Nobody need vouch for anything: for tests only. */
  readonly believesAnyone: boolean;
  readonly #log: Log;
  #identity = '';
  #list: AccessList = emptyAccessList;
  /** By path: what was authorised by the keys that count now. */
  readonly #authorised = new Map<string, Uint8Array>();

  constructor(
    settings: Pick<Settings, 'directories' | 'trusted-public-keys' | 'allow-unauthenticated-substitutes'>,
    log: Log,
  ) {
    const { configuration } = settings.directories;
    this.#files = [`${configuration}/acl`, `${configuration}/signing-key.pub`];
    this.#nixKeys = settings['trusted-public-keys'].map(parseNixPublicKey);
    this.believesAnyone = settings['allow-unauthenticated-substitutes'] === 'yes';
    this.#log = log;
    this.#refresh();
  }

  /** `bytes` are what the narinfo was read from. */
  judge(narinfo: Narinfo, bytes: Uint8Array): NarinfoVerdict {
    if (this.believesAnyone) return 'authorised';
    this.#refresh();
    const known = this.#authorised.get(narinfo.path);
    if (known !== undefined && Buffer.compare(known, bytes) === 0) return 'authorised';
    const verdict = judgeNarinfo(narinfo, { accessList: this.#list, nixKeys: this.#nixKeys });
    if (verdict === 'authorised' && bytes.length <= remembered.size) this.#remember(narinfo.path, bytes);
    return verdict;
  }

  #remember(path: string, bytes: Uint8Array): void {
    this.#authorised.delete(path);
    this.#authorised.set(path, Buffer.from(bytes));
    const [oldest] = this.#authorised.keys();
    if (this.#authorised.size > remembered.count && oldest !== undefined) this.#authorised.delete(oldest);
  }

  /** A list that cannot be read, or not any more, authorises nobody: the store would say the same. */
  #refresh(): void {
    const [list, ownKey] = this.#files.map(identify);
    const identity = list ?? ownKey ?? '';
    if (identity === this.#identity) return;
    this.#identity = identity;
    this.#authorised.clear();
    if (list !== undefined) this.#list = this.#read(this.#files[0], parseAccessList);
    else this.#list = ownKey === undefined ? emptyAccessList : this.#read(this.#files[1], firstAccessList);
  }

  #read(file: string, parse: (bytes: Uint8Array) => AccessList): AccessList {
    try {
      return parse(readFileSync(file));
    } catch (error) {
      if (!isFault(error) && (error as NodeJS.ErrnoException).code === undefined) throw error;
      this.#log.warning(`${file} cannot be used, and authorises nobody: ${(error as Error).message}`);
      return emptyAccessList;
    }
  }
}

/** Tells a file from another one at its place; nothing where there is none. */
function identify(file: string): string | undefined {
  const facts = statSync(file, { bigint: true, throwIfNoEntry: false });
  return facts && [facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ');
}
