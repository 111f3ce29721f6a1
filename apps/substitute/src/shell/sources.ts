/** Where an archive can be had: the cache that the narinfo is from, then the others that tell of the same archive. */
import { isFault } from '@cooper/fault';
import { equalHashes } from '@cooper/hash';
import type { Narinfo } from '@cooper/narinfo';
import { type NarForm, orderForms } from '../core/nar-choice.ts';
import type { KnownCache } from './known-cache.ts';
import type { Narinfos } from './narinfos.ts';
import { expectedSpeed } from './query.ts';
import type { Source } from './transfer.ts';

export interface Wanted {
  /** Authorised: what it says of hash and size is what the archive is held against. */
  readonly narinfo: Narinfo;
  readonly caches: readonly KnownCache[];
  /** The name of the cache that it is from. */
  readonly url: string;
  readonly onFailure: (message: string) => void;
}

export class Sources {
  readonly #narinfos: Narinfos;
  readonly #wanted: Wanted;
  /** Known, and not yet taken. */
  readonly #ready: Source[] = [];
  #unasked: KnownCache[];
  readonly #slow = new Set<KnownCache>();

  constructor(narinfos: Narinfos, wanted: Wanted) {
    this.#narinfos = narinfos;
    this.#wanted = wanted;
    const { caches, url, narinfo } = wanted;
    const origin = caches.find(({ name, hasLied }) => name === url && !hasLied);
    if (origin !== undefined) this.#ready.push(...sourcesOf(origin, narinfo));
    const others = caches.filter((cache) => cache !== origin);
    this.#unasked = others.sort((a, b) => a.distrust - b.distrust);
  }

  /** The next one; nothing when all have been taken. */
  async next(): Promise<Source | undefined> {
    while (this.#ready.length === 0) {
      const cache = this.#unasked.shift();
      if (cache === undefined) return undefined;
      await this.#ask(cache);
    }
    return this.#ready.shift();
  }

  /** One that has the same file as `source`, byte for byte by its own account. */
  async nextLike(source: Source): Promise<Source | undefined> {
    const { fileHash } = source.form.file;
    if (fileHash === undefined) return undefined;
    for (const cache of this.#unasked.splice(0)) await this.#ask(cache);
    const index = this.#ready.findIndex(
      ({ cache, form }) =>
        cache !== source.cache &&
        !this.#slow.has(cache) &&
        form.file.fileHash === fileHash &&
        form.compression === source.form.compression,
    );
    return index < 0 ? undefined : this.#ready.splice(index, 1)[0];
  }

  /** What is known of the speeds of the other caches that are not known to be slow. */
  speedsElsewhere({ cache }: Source): readonly (number | null)[] {
    const others = this.#wanted.caches.filter((other) => other !== cache && !other.resting && !this.#slow.has(other));
    return others.map(({ speed }) => speed);
  }

  /** It was taken, and another one answered before it did: it is for when there is nothing better. */
  putBack(source: Source): void {
    this.#slow.add(source.cache);
    this.#ready.push(source);
  }

  /** A mirror need not be believed, if it tells of the same archive: what comes is held against what was signed. */
  async #ask(cache: KnownCache): Promise<void> {
    const { narinfo, onFailure } = this.#wanted;
    try {
      const found = await this.#narinfos.find(cache, narinfo.path, () => true);
      if (found === undefined) return;
      const same = equalHashes(found.narinfo.narHash, narinfo.narHash) && found.narinfo.narSize === narinfo.narSize;
      if (same) this.#ready.push(...sourcesOf(cache, found.narinfo));
    } catch (error) {
      if (!isFault(error, 'cache-failed')) throw error;
      onFailure(error.message);
    }
  }
}

function sourcesOf(cache: KnownCache, narinfo: Narinfo): readonly Source[] {
  return formsOf(cache, narinfo).map((form) => ({ cache, form }));
}

/** The forms in which `cache` has the archive, the one that is the soonest here first. */
export function formsOf(
  { speed }: KnownCache,
  { files, narSize, nixSignatures, guixSignature }: Narinfo,
): readonly NarForm[] {
  // Nix means bzip2 when it names no compression.
  const unnamed = guixSignature === undefined && nixSignatures.length > 0 ? 'bzip2' : 'none';
  return orderForms(files, narSize, speed ?? expectedSpeed, unnamed);
}
