/**
 * The signed beginnings of narinfos, as the store gave them. The last ones are kept: to sign takes the store half a
 * millisecond, which no crowd of clients shall make it spend again and again.
 */
import type { PathInfo } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { Store } from './store-archives.ts';

/** How many are kept, of some 1,200 bytes each. */
const kept = 10_000;

/** How long, in ms: keys may be added or exchanged. */
const lifetime = 600_000;

interface Head {
  readonly bytes: Uint8Array;
  /** What it says: another item may come to lie at a path, by a repair. */
  readonly facts: string;
  readonly time: number;
}

export class SignedHeads {
  readonly #store: Store;
  readonly #heads = new Map<StorePath, Head>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** That of a valid path; nothing when it is not valid any more. Throws the fault `no-signing-key`. */
  async of(info: PathInfo): Promise<Uint8Array | undefined> {
    const { path, registrationTime: _, ...rest } = info;
    const facts = JSON.stringify(rest);
    const known = this.#heads.get(path);
    if (known?.facts === facts && Date.now() - known.time < lifetime) return known.bytes;
    const { narinfos } = await this.#store.call('signNarinfos', { paths: [path] });
    const bytes = narinfos[0] ?? undefined;
    if (bytes !== undefined) this.#keep(path, { bytes, facts, time: Date.now() });
    return bytes;
  }

  #keep(path: StorePath, head: Head): void {
    this.#heads.delete(path);
    this.#heads.set(path, head);
    const [oldest] = this.#heads.keys();
    if (this.#heads.size > kept && oldest !== undefined) this.#heads.delete(oldest);
  }
}
