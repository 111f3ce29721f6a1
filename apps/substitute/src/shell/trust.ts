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

export class Trust {
  readonly #file: string;
  readonly #nixKeys: readonly NixPublicKey[];
  readonly #believesAnyone: boolean;
  readonly #log: Log;
  #identity = '';
  #list: AccessList = emptyAccessList;

  constructor(
    settings: Pick<Settings, 'directories' | 'trusted-public-keys' | 'allow-unauthenticated-substitutes'>,
    log: Log,
  ) {
    this.#file = `${settings.directories.configuration}/acl`;
    this.#nixKeys = settings['trusted-public-keys'].map(parseNixPublicKey);
    this.#believesAnyone = settings['allow-unauthenticated-substitutes'] === 'yes';
    this.#log = log;
    this.#refresh();
  }

  judge(narinfo: Narinfo): NarinfoVerdict {
    if (this.#believesAnyone) return 'authorised';
    this.#refresh();
    return judgeNarinfo(narinfo, { accessList: this.#list, nixKeys: this.#nixKeys });
  }

  /** A list that cannot be read, or not any more, authorises nobody: the store would say the same. */
  #refresh(): void {
    const identity = this.#identify();
    if (identity === this.#identity) return;
    this.#identity = identity;
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
