/**
 * Small archives: asked for like narinfos, many on a connection, and checked as they are. What does not go well at once is
 * left to the long way, which tries everything that there is.
 */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { FetchOutcome, SubstituteEvent } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import { equalHashes, formatPrefixedHash, hashBytes } from '@cooper/hash';
import type { Narinfo } from '@cooper/narinfo';
import type { Compression, NarForm } from '../core/nar-choice.ts';
import { type Decoders, UnpackError } from './decoders.ts';
import { Fetch } from './fetch.ts';
import type { KnownCache } from './known-cache.ts';
import type { Narinfos } from './narinfos.ts';
import { MemorySink } from './sinks.ts';
import { formsOf } from './sources.ts';
import { isOfUnzip, unpack } from './unpacking.ts';

export interface SmallFetching {
  readonly narinfo: Narinfo;
  /** That of the narinfo; null where nobody vouches for it: what has no size is fetched the long way. */
  readonly narSize: number | null;
  readonly url: string;
  readonly caches: readonly KnownCache[];
  readonly send: (event: SubstituteEvent) => void;
  readonly signal: AbortSignal;
}

export interface SmallFetched {
  readonly outcome: FetchOutcome;
  /** Empty unless it was fetched. */
  readonly archive: Uint8Array;
}

/** How long, in ms, a cache may be silent before others are asked, too. */
const mostSilence = 700;
const looks = 4;

/** More than a packed archive of this size ever takes. */
const mostPacked = (narSize: number) => narSize + narSize / 8 + 4096;

export class SmallFetches {
  readonly #narinfos: Narinfos;
  readonly #decoders: Decoders;

  constructor(narinfos: Narinfos, decoders: Decoders) {
    this.#narinfos = narinfos;
    this.#decoders = decoders;
  }

  async fetch(fetching: SmallFetching): Promise<SmallFetched> {
    const quick = await this.#quickly(fetching);
    if (quick !== undefined) return quick;
    const sink = new MemorySink();
    const outcome = await new Fetch(this.#narinfos, this.#decoders, { ...fetching, sink }).run();
    return { outcome, archive: outcome.status === 'fetched' ? sink.bytes : new Uint8Array(0) };
  }

  /** From the cache that told of it, in the form that is the soonest here; nothing where anything is wrong. */
  async #quickly({ narinfo, narSize, url, caches, send, signal }: SmallFetching): Promise<SmallFetched | undefined> {
    const cache = caches.find(({ name }) => name === url);
    const [form] = cache === undefined ? [] : formsOf(cache, narinfo);
    if (cache === undefined || form === undefined || narSize === null) return undefined;
    const packed = await this.#ask(cache, form, { narinfo, signal });
    const archive = packed && (await this.#unpack(form.compression, packed, narSize));
    if (packed === undefined || archive?.length !== narSize) return undefined;
    const hash = hashBytes('sha256', archive);
    if (!equalHashes(hash, narinfo.narHash)) return undefined;
    send({ event: 'downloading', url: new URL(form.file.url, `${url}/`).href, size: packed.length });
    send({ event: 'progress', transferred: packed.length });
    const narHash = formatPrefixedHash(hash, 'base16');
    return { outcome: { status: 'fetched', url, transferred: packed.length, narHash, narSize }, archive };
  }

  /** Nothing for what is malformed, or longer than it should be. */
  async #unpack(compression: Compression, packed: Uint8Array, size: number): Promise<Uint8Array | undefined> {
    try {
      return (
        unpackAtOnce(compression, packed, size) ??
        (await gather(unpack(compression, once(packed), this.#decoders), size))
      );
    } catch (error) {
      if (error instanceof UnpackError || isOfUnzip(error)) return undefined;
      throw error;
    }
  }

  async #ask(
    cache: KnownCache,
    { file }: NarForm,
    { narinfo, signal }: Pick<SmallFetching, 'narinfo' | 'signal'>,
  ): Promise<Uint8Array | undefined> {
    const limit = mostPacked(narinfo.narSize);
    using watch = new SilenceWatch(cache);
    const either = AbortSignal.any([signal, watch.signal]);
    try {
      const answer = await cache.ask(
        () => cache.cache.readSmall(file.url, limit, either),
        () => !either.aborted,
      );
      return answer?.status === 'found' ? answer.bytes : undefined;
    } catch (error) {
      if (!isFault(error, 'cache-failed')) throw error;
      return undefined;
    }
  }
}

/** Gives up when the cache says nothing, to anybody, for some time. That it is slow to say all is no reason. */
class SilenceWatch implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(cache: KnownCache) {
    let heard = cache.heard;
    let silent = 0;
    // Looks are counted, not time: when it is us who have no time, that is not the fault of the cache.
    const look = () => {
      silent = cache.heard === heard ? silent + 1 : 0;
      heard = cache.heard;
      if (silent >= looks) this.#controller.abort();
    };
    this.#timer = setInterval(look, mostSilence / looks);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** What Node unpacks in one go; nothing for other compressions. Throws what zlib throws. */
function unpackAtOnce(compression: Compression, packed: Uint8Array, size: number): Uint8Array | undefined {
  const options = { maxOutputLength: size, chunkSize: Math.max(size, 1024) };
  switch (compression) {
    case 'none':
      return packed;
    case 'gzip':
      return gunzipSync(packed, options);
    case 'zstd':
      return zstdDecompressSync(packed, options);
    default:
      return undefined;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** All pieces as one; nothing where they are longer than `size`. */
async function gather(pieces: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array | undefined> {
  const gathered: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > size) return undefined;
    gathered.push(Buffer.from(piece));
  }
  return Buffer.concat(gathered);
}
