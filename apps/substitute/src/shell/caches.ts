/** The caches that are known: those of the settings, and for a while those that clients have named. */
import { type CacheUrl, parseCacheUrl } from '../core/cache-url.ts';
import { DirectoryCache } from './directory-cache.ts';
import { KnownCache } from './known-cache.ts';
import type { Web } from './web.ts';
import { WebCache } from './web-cache.ts';

/** Of so many caches that clients name it is remembered how they fare. */
const mostNamed = 200;

export class Caches {
  readonly #web: Web;
  readonly #configured: readonly KnownCache[];
  readonly #named = new Map<string, KnownCache>();

  /** Throws the fault `invalid-url`. */
  constructor(urls: readonly string[], web: Web) {
    this.#web = web;
    this.#configured = this.#parse(urls).map((url) => this.#make(url));
  }

  /** The caches in the order of `urls`, else those that are configured. Throws the fault `invalid-url`. */
  choose(urls: readonly string[] | undefined): readonly KnownCache[] {
    if (urls === undefined) return this.#configured;
    return this.#parse(urls).map((url) => {
      const own = this.#configured.find(({ cache }) => keyOf(cache.url) === keyOf(url));
      return own ?? this.#remember(url);
    });
  }

  #remember(url: CacheUrl): KnownCache {
    const key = keyOf(url);
    const cache = this.#named.get(key) ?? this.#make(url);
    // At the end again: what nobody names any more is forgotten first.
    this.#named.delete(key);
    this.#named.set(key, cache);
    const [oldest] = this.#named.keys();
    if (this.#named.size > mostNamed && oldest !== undefined) this.#named.delete(oldest);
    return cache;
  }

  #make(url: CacheUrl): KnownCache {
    return new KnownCache(url.scheme === 'file:' ? new DirectoryCache(url) : new WebCache(url, this.#web));
  }

  /** Each once. A setting may hold several, with blanks between, as Guix's does. */
  #parse(urls: readonly string[]): readonly CacheUrl[] {
    const parsed = urls.flatMap((text) => text.split(/\s+/).filter((word) => word !== '')).map(parseCacheUrl);
    return [...new Map(parsed.map((url) => [keyOf(url), url])).values()];
  }
}

/** With other credentials a server may say other things. */
function keyOf({ text, credentials }: CacheUrl): string {
  return `${text} ${credentials ?? ''}`;
}
