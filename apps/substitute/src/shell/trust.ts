/** Whose signatures count here: those of the access control list, read again when it changes, and of Nix's keys. */
import type { Settings } from '@cooper/config';
import { isFault } from '@cooper/fault';
import { BelievedKeys } from '@cooper/key-files';
import type { Log } from '@cooper/log';
import type { Narinfo } from '@cooper/narinfo';
import {
  type AccessList,
  emptyAccessList,
  judgeNarinfo,
  type NarinfoVerdict,
  type NixPublicKey,
  parseNixPublicKey,
} from '@cooper/signature';

/** How many narinfos that were found authorised are remembered, and of what size: fetches follow a query. */
const remembered = { count: 2000, size: 8192 } as const;

export class Trust {
  readonly #believed: BelievedKeys;
  readonly #nixKeys: readonly NixPublicKey[];
  /** Nobody need vouch for anything: for tests only. */
  readonly believesAnyone: boolean;
  readonly #log: Log;
  #problem: string | undefined;
  #list: AccessList = emptyAccessList;
  /** By path: what was authorised by the keys that count now. */
  readonly #authorised = new Map<string, Uint8Array>();

  constructor(
    settings: Pick<Settings, 'directories' | 'trusted-public-keys' | 'allow-unauthenticated-substitutes'>,
    log: Log,
  ) {
    this.#believed = new BelievedKeys(settings.directories.configuration);
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

  #refresh(): void {
    const list = this.#read();
    if (list === this.#list) return;
    this.#list = list;
    this.#authorised.clear();
  }

  /** A list that cannot be read, or not any more, authorises nobody: the store would say the same. It is told once. */
  #read(): AccessList {
    try {
      return this.#believed.read();
    } catch (error) {
      if (!isFault(error) && (error as NodeJS.ErrnoException).code === undefined) throw error;
      const { message } = error as Error;
      if (message !== this.#problem)
        this.#log.warning(`${this.#believed.file} cannot be used, and authorises nobody: ${message}`);
      this.#problem = message;
      return emptyAccessList;
    }
  }
}
