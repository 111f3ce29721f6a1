/**
 * Items of our store on their way to a machine: signed exports, in pieces of which so many may be on the way at once. Large ones
 * go one behind the other; small ones do not wait for those.
 */
import type { Readable } from 'node:stream';
import { type Compression, inPieces, receiveBytes } from '@cooper/bulk';
import { longestPiece, type storeContract, type Ticket } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { Input } from './inputs.ts';
import { isOfMachine, within } from './machine-failure.ts';
import type { Session } from './session.ts';

/** How many pieces may be on the way: enough, at most, to fill a link of 1 Gbit/s with 100 ms of delay. */
const windows = { least: 4, most: 64 };

/** In ms: pieces that take longer to arrive, and be taken, wait in a queue, where others would wait behind them. */
const soon = 500;

/** What fits one piece does not wait for others. */
const small = longestPiece;

/** Slower than this, in bytes a second, a link is the reason to wait, not the processor that compresses. */
const slowLink = 50e6;

/** What is smaller says nothing about the link: bytes. */
const telling = 1024 * 1024;

export interface SendingStore {
  readonly client: Client<typeof storeContract>;
  readonly directory: string;
}

/** An import there that is under way. */
interface Transfer {
  /** Known when its first piece leaves. */
  number: number | undefined;
  readonly compression: Compression;
  /** What its items may refer to. */
  readonly closure: readonly Input[];
  window: number;
  readonly inTheAir: Set<Promise<unknown>>;
  sent: number;
  /** Why it was refused. */
  failure: unknown;
}

interface Beginning {
  readonly number: number;
  readonly compression?: Compression;
  readonly after?: readonly number[];
}

export class Sending {
  readonly #session: Session;
  readonly #store: SendingStore;
  /** The transfer that each item is in, as long as it has not been taken in there. */
  readonly #onTheWay = new Map<StorePath, Transfer>();
  #last = 0;
  /** The last large one. */
  #previous: Promise<unknown> = Promise.resolve();
  /** Bytes a second, as far as known. */
  bandwidth: number | null = null;

  constructor(session: Session, store: SendingStore) {
    this.#session = session;
    this.#store = store;
  }

  /** The numbers of the imports that bring some of `inputs`: what needs those has to wait for them. */
  carrying(inputs: readonly Input[]): readonly number[] {
    return [...this.#transfersOf(inputs)].flatMap(({ number }) => number ?? []);
  }

  /** Resolves when `inputs`, which have left, have been taken in there; throws what one was refused for. */
  async settle(inputs: readonly Input[]): Promise<void> {
    for (const transfer of this.#transfersOf(inputs)) {
      await Promise.all(transfer.inTheAir);
      if (transfer.failure !== undefined) throw transfer.failure;
    }
  }

  /** Sends `inputs`, which may refer to what is in `closure`; resolves when all of it has left. */
  async send(inputs: readonly Input[], closure: readonly Input[]): Promise<void> {
    if (inputs.reduce((sum, { size }) => sum + size, 0) < small) return await this.#sendNow(inputs, closure);
    // Pieces of a second one would only take the room of those of the first.
    const done = this.#previous.then(() => this.#sendNow(inputs, closure));
    this.#previous = done.catch(() => undefined);
    await done;
  }

  #transfersOf(inputs: readonly Input[]): ReadonlySet<Transfer> {
    return new Set(inputs.flatMap(({ path }) => this.#onTheWay.get(path) ?? []));
  }

  async #sendNow(inputs: readonly Input[], closure: readonly Input[]): Promise<void> {
    const transfer: Transfer = {
      number: undefined,
      compression: this.compression,
      closure,
      window: windows.least,
      inTheAir: new Set(),
      sent: 0,
      failure: undefined,
    };
    for (const { path } of inputs) this.#onTheWay.set(path, transfer);
    try {
      await this.#export(transfer, inputs);
    } catch (error) {
      // Whoever takes it in there is not to wait for the rest.
      if (!isOfMachine(error) && transfer.number !== undefined) this.#put(transfer, Buffer.alloc(0), true);
      throw error;
    } finally {
      void this.#land(transfer, inputs);
    }
  }

  async #export(transfer: Transfer, inputs: readonly Input[]): Promise<void> {
    const paths = inputs.map(({ path }) => path);
    const pass = (bytes: AsyncIterable<Buffer>) => this.#pass(transfer, bytes as Readable);
    const onItem = (ticket: Ticket) => receiveBytes(ticket, pass);
    await this.#store.client.call('exportPaths', { paths, sign: true }, { onItem });
  }

  /** How it is worth to compress what goes over the link, either way. */
  get compression(): Compression {
    const { compression } = this.#session.machine;
    if (compression !== 'auto') return compression;
    return this.bandwidth === null || this.bandwidth < slowLink ? 'zstd' : 'none';
  }

  /** All of it has been taken in there, or refused: then nothing is known of what is there. */
  async #land(transfer: Transfer, inputs: readonly Input[]): Promise<void> {
    await this.#allTaken(transfer);
    if (transfer.failure !== undefined) this.#session.inputs.forget();
    for (const { path } of inputs) if (this.#onTheWay.get(path) === transfer) this.#onTheWay.delete(path);
  }

  async #pass(transfer: Transfer, bytes: Readable): Promise<void> {
    const start = performance.now();
    let pending: Buffer = Buffer.alloc(0);
    for await (const piece of inPieces(bytes, { compression: transfer.compression, size: longestPiece })) {
      if (pending.length > 0) await this.#sendPiece(transfer, pending);
      pending = piece;
    }
    if (transfer.sent >= telling) await this.#measure(transfer, start);
    this.#put(transfer, pending, true);
  }

  async #sendPiece(transfer: Transfer, data: Buffer): Promise<void> {
    while (transfer.inTheAir.size >= transfer.window) await this.#oneTaken(transfer, this.#session.patience);
    if (transfer.failure !== undefined) throw transfer.failure;
    this.#put(transfer, data, false);
  }

  #put(transfer: Transfer, data: Buffer, last: boolean): void {
    const { inTheAir } = transfer;
    const { number, ...first } = this.#begin(transfer);
    transfer.sent += data.length;
    const start = performance.now();
    const arrived: Promise<unknown> = this.#session
      .call('importPiece', { import: number, data, last, ...first })
      .then(() => widen(transfer, performance.now() - start))
      .catch((error: unknown) => {
        transfer.failure ??= error;
      })
      .finally(() => inTheAir.delete(arrived));
    inTheAir.add(arrived);
  }

  /** Its number, which it gets with its first piece; and what is said with that. */
  #begin(transfer: Transfer): Beginning {
    if (transfer.number !== undefined) return { number: transfer.number };
    const after = this.carrying(transfer.closure);
    transfer.number = ++this.#last;
    return { number: transfer.number, compression: transfer.compression, after };
  }

  /** Waits until all that is in the air has been taken, or the session has ended. What has all come takes time to register. */
  async #allTaken(transfer: Transfer): Promise<void> {
    while (transfer.inTheAir.size > 0) {
      await this.#oneTaken(transfer, this.#session.jobPatience).catch(hasEnded);
    }
  }

  /** Waits for one piece. A machine that takes nothing for too long has stopped, whatever its heart does. */
  async #oneTaken({ inTheAir }: Transfer, patience: number): Promise<void> {
    try {
      await within(patience, 'take anything of what it was sent', Promise.race(inTheAir));
    } catch (error) {
      if (isOfMachine(error)) this.#session.fail(error);
      throw error;
    }
  }

  /** By what has arrived: what is in the air may still be in a buffer of ours. */
  async #measure(transfer: Transfer, start: number): Promise<void> {
    await this.#allTaken(transfer);
    const speed = (transfer.sent / Math.max(1, performance.now() - start)) * 1000;
    this.bandwidth = this.bandwidth === null ? speed : this.bandwidth * 0.5 + speed * 0.5;
  }
}

/** A piece has been taken, so many ms after it left: there is room for more on the way, or there is a queue. */
function widen(transfer: Transfer, took: number): void {
  if (took < soon) transfer.window = Math.min(windows.most, transfer.window + 1);
  else transfer.window = Math.max(windows.least, transfer.window - 1);
}

/** That it takes nothing has ended the session: the other pieces are answered by that. */
function hasEnded(error: unknown): void {
  if (!isOfMachine(error)) throw error;
}
