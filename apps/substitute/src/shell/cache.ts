/** A cache: where narinfos and archives come from. */
import type { Readable } from 'node:stream';
import type { CacheUrl } from '../core/cache-url.ts';

/** What a cache says when asked for a small file. `cacheControl`: what it said of its lifetime; null: nothing. */
export type SmallAnswer =
  | { readonly status: 'found'; readonly bytes: Uint8Array; readonly cacheControl: string | null }
  | { readonly status: 'missing'; readonly cacheControl: string | null };

/** From where on a file is wanted, and which version of it has been read so far. */
export interface Place {
  readonly offset: number;
  /** The mark of the version (`ETag`); null when none is known. */
  readonly version: string | null;
}

/** A large file that is on its way. */
export interface OpenFile {
  /** The bytes from `offset` on; earlier than asked for where the server knows no ranges. */
  readonly bytes: Readable;
  readonly offset: number;
  /** Of the whole file, in bytes; null where the server does not say. */
  readonly size: number | null;
  readonly version: string | null;
}

/** All of them throw `cache-failed`, and nothing else but what a signal was aborted with. */
export interface Cache {
  readonly url: CacheUrl;
  /** Whether what it says is worth keeping on disk. */
  readonly remote: boolean;
  /** A file of at most `limit` bytes, where a narinfo says that it is, or beside `nix-cache-info`. */
  readSmall(name: string, limit: number, signal: AbortSignal): Promise<SmallAnswer>;
  /** A file where a narinfo says that it is; nothing when it is not there. */
  open(name: string, place: Place, signal: AbortSignal): Promise<OpenFile | undefined>;
}
