/** Fetching one archive to where it is wanted, from whichever cache has it and gives it. */
import type { FetchOutcome, SubstituteEvent } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import { formatPrefixedHash } from '@cooper/hash';
import type { Narinfo } from '@cooper/narinfo';
import { cacheFailure } from './cache-failure.ts';
import { type Decoders, UnpackError } from './decoders.ts';
import { openFirst } from './first-answer.ts';
import { Intake } from './intake.ts';
import type { KnownCache } from './known-cache.ts';
import type { Narinfos } from './narinfos.ts';
import { Progress } from './progress.ts';
import type { Sink } from './sinks.ts';
import { Sources } from './sources.ts';
import { type Source, Transfer } from './transfer.ts';
import { unpack } from './unpacking.ts';

export interface Fetching {
  readonly narinfo: Narinfo;
  /** That of the narinfo; null where nobody vouches for it. */
  readonly narSize: number | null;
  readonly url: string;
  readonly caches: readonly KnownCache[];
  readonly sink: Sink;
  readonly send: (event: SubstituteEvent) => void;
  readonly signal: AbortSignal;
}

/** How long, in ms, is waited before all caches are tried once more, when it was not for lack of the archive. */
const rounds = [0, 500, 2000];

/** What one round led to; `tryAgain`: what went wrong may go right another time. */
type Round = { readonly outcome: FetchOutcome; readonly tryAgain: boolean };

export class Fetch {
  readonly #narinfos: Narinfos;
  readonly #decoders: Decoders;
  readonly #fetching: Fetching;
  readonly #progress: Progress;
  #failures: string[] = [];
  #mismatch: Extract<FetchOutcome, { status: 'hash-mismatch' }> | undefined;
  /** The caches that the archive is from so far, and those of them that have failed. */
  readonly #contributors = new Set<KnownCache>();
  readonly #broken = new Set<KnownCache>();
  #transient = false;

  constructor(narinfos: Narinfos, decoders: Decoders, fetching: Fetching) {
    this.#narinfos = narinfos;
    this.#decoders = decoders;
    this.#fetching = fetching;
    this.#progress = new Progress(fetching.send);
  }

  /** Throws the fault `cancelled` when the call or the store breaks it off. */
  async run(): Promise<FetchOutcome> {
    const { sink, narinfo, narSize, signal } = this.#fetching;
    const intake = new Intake({ narHash: narinfo.narHash, narSize }, sink);
    try {
      for (const delay of rounds) {
        if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
        const { outcome, tryAgain } = await this.#round(intake);
        if (!tryAgain || delay === rounds.at(-1)) return outcome;
      }
      throw new Error('there is no last round');
    } catch (error) {
      if (signal.aborted) throw new Fault('cancelled', 'the fetch was cancelled', {}, { cause: error });
      if (!intake.refused) throw error;
      // The store says why. If it is for the bytes, others may have better ones.
      const elsewhere = this.#isElsewhere();
      this.#blame();
      return { status: 'refused', elsewhere };
    } finally {
      intake.close();
      this.#progress.close();
    }
  }

  async #round(intake: Intake): Promise<Round> {
    const { narinfo, url, caches } = this.#fetching;
    this.#failures = [];
    this.#transient = false;
    const onFailure = (message: string) => void this.#failures.push(message);
    const sources = new Sources(this.#narinfos, { narinfo, url, caches, onFailure });
    for (let source = await sources.next(); source !== undefined; source = await sources.next()) {
      const outcome = await this.#attempt(source, sources, intake);
      if (outcome !== undefined) return { outcome, tryAgain: false };
    }
    if (this.#mismatch !== undefined) return { outcome: this.#mismatch, tryAgain: false };
    if (this.#failures.length === 0) return { outcome: { status: 'not-found' }, tryAgain: false };
    return { outcome: { status: 'failed', message: this.#failures.join('; ') }, tryAgain: this.#transient };
  }

  /** Nothing when the next source is to be tried. */
  async #attempt(first: Source, sources: Sources, intake: Intake): Promise<FetchOutcome | undefined> {
    let source = first;
    try {
      const opened = await openFirst(first, sources, this.#fetching.signal);
      source = opened.source;
      const transfer = new Transfer(source, {
        signal: this.#fetching.signal,
        narSize: this.#fetching.narSize,
        onOpen: (from, size) => {
          source = from;
          this.#contributors.add(from.cache);
          this.#progress.open(archiveUrl(from), size ?? from.form.file.fileSize ?? null);
        },
        onBytes: (count) => this.#progress.add(count),
        sameElsewhere: () => {
          this.#broken.add(source.cache);
          return sources.nextLike(source);
        },
        speedsElsewhere: () => sources.speedsElsewhere(source),
      });
      await this.#pour(unpack(source.form.compression, transfer.bytes(opened.open), this.#decoders), source, intake);
      return await this.#conclude(source, intake);
    } catch (error) {
      await this.#note(error, source, intake);
      return undefined;
    }
  }

  async #pour(bytes: AsyncIterable<Uint8Array>, { cache }: Source, intake: Intake): Promise<void> {
    let offset = 0;
    for await (const chunk of bytes) {
      await intake.take(chunk, offset, cache.name);
      offset += chunk.length;
    }
    const { narSize } = this.#fetching;
    if (narSize !== null && offset < narSize) {
      throw cacheFailure(cache.name, `it sends ${offset} bytes of the ${narSize} that were signed`, { local: true });
    }
  }

  async #conclude({ cache }: Source, intake: Intake): Promise<FetchOutcome | undefined> {
    const narSize = intake.position;
    const { right, actual, again } = await intake.finish();
    const expected = formatPrefixedHash(this.#fetching.narinfo.narHash, 'base16');
    const url = cache.name;
    this.#progress.flush();
    if (right) return { status: 'fetched', url, transferred: this.#progress.transferred, narHash: actual, narSize };
    const elsewhere = this.#isElsewhere();
    this.#blame();
    // Where nobody else is left to ask, the outcome says the same.
    if (elsewhere) {
      this.#fetching.send({ event: 'warning', message: `${url}: what it sends is not what was signed` });
    }
    this.#mismatch = { status: 'hash-mismatch', url, expected, actual };
    if (again) return undefined;
    return { ...this.#mismatch, elsewhere };
  }

  /** Whether there is a cache of which nothing wrong is known, or a single one of several may have been wrong. */
  #isElsewhere(): boolean {
    return this.#contributors.size > 1 || this.#fetching.caches.some((cache) => !this.#isSuspect(cache));
  }

  #isSuspect(cache: KnownCache): boolean {
    return cache.hasLied || this.#contributors.has(cache) || this.#broken.has(cache);
  }

  /** Of several caches that an archive is from, the one that failed is the likelier liar. */
  #blame(): void {
    for (const cache of this.#contributors) cache.lied(this.#broken.has(cache) ? 2 : 1);
    this.#contributors.clear();
  }

  /** Notes what a cache did wrong; throws what is not its doing. */
  async #note(error: unknown, { cache }: Source, intake: Intake): Promise<void> {
    if (this.#fetching.signal.aborted || intake.refused) throw error;
    const unpacking = error instanceof UnpackError;
    if (!unpacking && !isFault(error, 'cache-failed')) throw error;
    if (isFault(error) && error.facts['local'] !== true) this.#transient = true;
    this.#broken.add(cache);
    intake.startAgain();
    // The narinfo may be out of date: it is asked for again next time.
    await this.#narinfos.forget(cache, this.#fetching.narinfo.path);
    this.#failures.push(unpacking ? `${cache.name}: the archive cannot be unpacked: ${error.message}` : error.message);
    this.#fetching.send({ event: 'warning', message: this.#failures.at(-1) ?? '' });
  }
}

/** Where the archive of `source` lies, for people. */
function archiveUrl({ cache, form }: Source): string {
  return new URL(form.file.url, `${cache.name}/`).href;
}
