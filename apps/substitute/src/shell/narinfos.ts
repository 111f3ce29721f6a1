/** Narinfos, from what is kept or from the caches themselves, and whether they may be believed. */
import { isFault } from '@cooper/fault';
import { maxSize, type Narinfo, parseNarinfo } from '@cooper/narinfo';
import { type StorePath, storePathHashPart } from '@cooper/store-path';
import { lifetimeOf } from '../core/lifetimes.ts';
import { cacheFailure } from './cache-failure.ts';
import type { KeptAnswers } from './kept-answers.ts';
import type { KnownCache } from './known-cache.ts';
import type { Trust } from './trust.ts';

export interface FoundNarinfo {
  readonly cache: KnownCache;
  readonly bytes: Uint8Array;
  readonly narinfo: Narinfo;
  /** `authorised`, or why it is not believed. */
  readonly verdict: ReturnType<Trust['judge']>;
}

export class Narinfos {
  readonly #storeDir: string;
  readonly #kept: KeptAnswers;
  readonly #trust: Trust;
  readonly #stop: AbortSignal;

  constructor(storeDir: string, kept: KeptAnswers, trust: Trust, stop: AbortSignal) {
    this.#storeDir = storeDir;
    this.#kept = kept;
    this.#trust = trust;
    this.#stop = stop;
  }

  /**
   * What `cache` says of `path`; nothing where it does not have it, or nobody wants to know any more. Throws
   * `cache-failed`.
   */
  async find(cache: KnownCache, path: StorePath, isWanted: () => boolean): Promise<FoundNarinfo | undefined> {
    const hashPart = storePathHashPart(path);
    const { remote } = cache.cache;
    const kept = remote ? await this.#kept.find(keyOf(cache), hashPart) : undefined;
    if (kept !== undefined) return kept.narinfo === null ? undefined : this.judge(cache, path, kept.narinfo);
    const answer = await cache.ask(() => cache.cache.readSmall(`${hashPart}.narinfo`, maxSize, this.#stop), isWanted);
    if (answer === undefined) return undefined;
    const found = answer.status === 'found' ? this.judge(cache, path, answer.bytes) : undefined;
    const lifetime = lifetimeOf(answer.status, answer.cacheControl);
    if (remote && lifetime > 0) {
      const narinfo = answer.status === 'found' ? answer.bytes : null;
      this.#kept.keep(keyOf(cache), hashPart, { narinfo, expires: Date.now() + lifetime });
    }
    return found;
  }

  /** The cache does not have what it said. */
  forget(cache: KnownCache, path: StorePath): Promise<void> {
    return this.#kept.forget(keyOf(cache), storePathHashPart(path));
  }

  /** Reads and judges a narinfo of `path` that came from `cache`. Throws `cache-failed` where it is none. */
  judge(cache: KnownCache, path: StorePath, bytes: Uint8Array): FoundNarinfo {
    try {
      const narinfo = parseNarinfo(this.#storeDir, bytes);
      if (narinfo.path !== path)
        throw cacheFailure(cache.name, `asked for ${path}, it tells of ${narinfo.path}`, { local: true });
      return { cache, bytes, narinfo, verdict: this.#trust.judge(narinfo, bytes) };
    } catch (error) {
      if (!isFault(error, 'invalid-narinfo')) throw error;
      throw cacheFailure(cache.name, `what it tells of ${path} is no narinfo: ${error.message}`, {
        local: true,
        cause: error,
      });
    }
  }
}

/** Credentials are part of it: others must not be told what somebody was let in to see. */
function keyOf({ cache }: KnownCache): string {
  return `${cache.url.text} ${cache.url.credentials ?? ''}`.trimEnd();
}
