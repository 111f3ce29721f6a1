/**
 * The bytes of a file in a cache, from its beginning to its end, whatever happens on the way: a connection that breaks is
 * made again where it broke, here or at another cache that has the same file.
 */
import { isFault } from '@cooper/fault';
import type { NarForm } from '../core/nar-choice.ts';
import { isTrickle, isWorthChanging, Pace } from '../core/pace.ts';
import type { OpenFile } from './cache.ts';
import { cacheFailure, reasonOf } from './cache-failure.ts';
import type { KnownCache } from './known-cache.ts';

export interface Source {
  readonly cache: KnownCache;
  readonly form: NarForm;
}

export interface TransferOptions {
  readonly signal: AbortSignal;
  /** Bytes of the archive, unpacked: no file is read for much longer. */
  readonly narSize: number | null;
  /** The file begins, or goes on, to come from here. */
  readonly onOpen: (source: Source, size: number | null) => void;
  readonly onBytes: (count: number) => void;
  /** Another cache with the same file, byte for byte, as far as one can tell. */
  readonly sameElsewhere: () => Promise<Source | undefined>;
  /** The speeds of the other caches, as far as they are known. */
  readonly speedsElsewhere: () => readonly (number | null)[];
}

/** How often a file may fail without a good piece of it in between, and how long, in ms, is waited then. */
const delays = [50, 300, 1000];
const goodPiece = 64 * 1024;

export class Transfer {
  #source: Source;
  readonly #options: TransferOptions;
  #offset = 0;
  #version: string | null = null;
  #strikes = 0;

  constructor(source: Source, options: TransferOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Throws `cache-failed`, when there is nothing more to be tried. `first`: the file, where it is open already. */
  async *bytes(first: OpenFile | undefined): AsyncGenerator<Uint8Array> {
    for (let open = first; ; open = undefined) {
      try {
        const isWhole = yield* this.#read(open ?? (await this.#open()));
        if (isWhole) return;
      } catch (error) {
        await this.#consider(this.#explain(error));
      }
    }
  }

  async #open(): Promise<OpenFile> {
    const { cache, form } = this.#source;
    const place = { offset: this.#offset, version: this.#version };
    const open = await cache.cache.open(form.file.url, place, this.#options.signal);
    if (open === undefined) throw cacheFailure(cache.name, 'it does not have the archive', { local: true });
    return open;
  }

  /** Gives whether that was all; else it goes on elsewhere. */
  async *#read(open: OpenFile): AsyncGenerator<Uint8Array, boolean> {
    const { signal, onOpen, onBytes } = this.#options;
    this.#checkVersion(open);
    onOpen(this.#source, open.size);
    const began = { time: Date.now(), offset: this.#offset };
    const pace = new Pace(began.time);
    let position = open.offset;
    const stop = () => open.bytes.destroy(signal.reason instanceof Error ? signal.reason : undefined);
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const chunk of open.bytes as AsyncIterable<Buffer>) {
        const rate = pace.take(chunk.length, Date.now());
        if (rate !== undefined && isTrickle(rate)) throw this.#failure('it has become too slow');
        const fresh =
          position >= this.#offset ? chunk : chunk.subarray(Math.min(chunk.length, this.#offset - position));
        position += chunk.length;
        if (fresh.length === 0) continue;
        this.#offset += fresh.length;
        onBytes(fresh.length);
        this.#checkLength();
        if (this.#offset - began.offset > goodPiece) this.#strikes = 0;
        yield fresh;
        if (rate !== undefined && (await this.#isBetterElsewhere(rate))) return false;
      }
      this.#checkEnd(open.size);
      this.#source.cache.transferred(this.#offset - began.offset, Date.now() - began.time);
      return true;
    } finally {
      signal.removeEventListener('abort', stop);
      open.bytes.destroy();
    }
  }

  #checkVersion({ offset, version }: OpenFile): void {
    if (this.#offset > 0 && this.#version !== null && version !== null && version !== this.#version && offset > 0)
      throw cacheFailure(this.#source.cache.name, 'the archive has changed meanwhile', { local: true });
    this.#version ??= version;
  }

  /** What is packed is hardly ever longer than what is in it: a file without an end is not read to its end. */
  #checkLength(): void {
    const { narSize } = this.#options;
    if (narSize === null) return;
    if (this.#offset > narSize + narSize / 8 + 1024 * 1024) throw this.#failure('the archive has no end', true);
  }

  #checkEnd(size: number | null): void {
    const wanted = size ?? this.#source.form.file.fileSize;
    if (wanted !== undefined && this.#offset < wanted) throw this.#failure('the archive ends early');
  }

  #failure(reason: string, local = false) {
    return cacheFailure(this.#source.cache.name, reason, { local });
  }

  /** What went wrong, as a failure of the cache; what is none of its doing is thrown on. */
  #explain(error: unknown) {
    if (this.#options.signal.aborted) throw error;
    const failure = isFault(error, 'cache-failed')
      ? error
      : cacheFailure(this.#source.cache.name, reasonOf(error), { cause: error });
    this.#source.cache.failed(failure);
    return failure;
  }

  /** Takes another cache that has the same file, when it is likely to be much faster. */
  async #isBetterElsewhere(rate: number): Promise<boolean> {
    return isWorthChanging(rate, this.#options.speedsElsewhere()) && this.#change();
  }

  async #change(): Promise<boolean> {
    const elsewhere = await this.#options.sameElsewhere();
    if (elsewhere === undefined) return false;
    this.#source = elsewhere;
    this.#version = null;
    return true;
  }

  /** Waits, or takes another cache; throws `failure` when neither helps. */
  async #consider(failure: Error & { readonly facts: Readonly<Record<string, unknown>> }): Promise<void> {
    if (await this.#change()) return;
    const delay = delays[this.#strikes++];
    if (delay === undefined || failure.facts['local'] === true || this.#offset === 0) throw failure;
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
}
