/** Whose signatures count here: the list `acl` of the configuration directory, read again when it changes, and Nix's keys. */
import { readFileSync, statSync } from 'node:fs';
import type { Settings } from '@cooper/config';
import { isFault } from '@cooper/fault';
import type { Log } from '@cooper/log';
import type { Narinfo } from '@cooper/narinfo';
import {
  type AccessList,
  emptyAccessList,
  judgeNarinfo,
  type NarinfoVerdict,
  type NixPublicKey,
  parseAccessList,
  parseNixPublicKey,
} from '@cooper/signature';

/** How many narinfos that were found authorised are remembered, and of what size: fetches follow a query. */
const remembered = { count: 2000, size: 8192 } as const;

export class Trust {
  readonly #file: string;
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
    this.#file = `${settings.directories.configuration}/acl`;
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
    const identity = this.#identify();
    if (identity === this.#identity) return;
    this.#identity = identity;
    this.#authorised.clear();
    this.#list = identity === '' ? emptyAccessList : this.#read();
  }

  #identify(): string {
    const facts = statSync(this.#file, { bigint: true, throwIfNoEntry: false });
    return facts === undefined ? '' : [facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ');
  }

  #read(): AccessList {
    try {
      return parseAccessList(readFileSync(this.#file));
    } catch (error) {
      if (!isFault(error) && (error as NodeJS.ErrnoException).code === undefined) throw error;
      this.#log.warning(`${this.#file} cannot be used, and authorises nobody: ${(error as Error).message}`);
      return emptyAccessList;
    }
  }
}
