/**
 * Items of our store on their way to a machine: signed exports, one behind the other, in pieces of which so many may be on
 * the way at once.
 */
import type { Readable } from 'node:stream';
import { type Compression, inPieces, receiveBytes } from '@cooper/bulk';
import { longestPiece, type storeContract, type Ticket } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { Input } from './inputs.ts';
import { isOfMachine, within } from './machine-failure.ts';
import type { Session } from './session.ts';

/** Enough of them to fill a link of 1 Gbit/s with 100 ms of delay. */
const window = 64;

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
  readonly number: number;
  readonly compression: Compression;
  readonly inTheAir: Set<Promise<unknown>>;
  sent: number;
  /** Why it was refused. */
  failure: unknown;
}

export class Sending {
  readonly #session: Session;
  readonly #store: SendingStore;
  /** The transfer that each item is in, as long as it has not been taken in there. */
  readonly #onTheWay = new Map<StorePath, Transfer>();
  #last = 0;
  #previous: Promise<unknown> = Promise.resolve();
  /** Bytes a second, as far as known. */
  bandwidth: number | null = null;

  constructor(session: Session, store: SendingStore) {
    this.#session = session;
    this.#store = store;
  }

  /** The numbers of the imports that bring some of `inputs`: what needs those has to wait for them. */
  carrying(inputs: readonly Input[]): readonly number[] {
    return Array.from(this.#transfersOf(inputs), ({ number }) => number);
  }

  /** Resolves when `inputs`, which have left, have been taken in there; throws what one was refused for. */
  async settle(inputs: readonly Input[]): Promise<void> {
    for (const transfer of this.#transfersOf(inputs)) {
      await Promise.all(transfer.inTheAir);
      if (transfer.failure !== undefined) throw transfer.failure;
    }
  }

  /** Sends `inputs`; resolves when all of it has left. */
  async send(inputs: readonly Input[]): Promise<void> {
    // The other end takes in one after the other: pieces of a second one would only take the room of those of the first.
    const done = this.#previous.then(() => this.#sendNext(inputs));
    this.#previous = done.catch(() => undefined);
    await done;
  }

  #transfersOf(inputs: readonly Input[]): ReadonlySet<Transfer> {
    return new Set(inputs.flatMap(({ path }) => this.#onTheWay.get(path) ?? []));
  }

  async #sendNext(inputs: readonly Input[]): Promise<void> {
    const number = ++this.#last;
    const transfer: Transfer = {
      number,
      compression: this.compression,
      inTheAir: new Set(),
      sent: 0,
      failure: undefined,
    };
    for (const { path } of inputs) this.#onTheWay.set(path, transfer);
    try {
      await this.#export(transfer, inputs);
    } catch (error) {
      // Whoever takes it in there is not to wait for the rest.
      if (!isOfMachine(error)) this.#put(transfer, Buffer.alloc(0), true);
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
    while (transfer.inTheAir.size >= window) await this.#oneTaken(transfer, this.#session.patience);
    if (transfer.failure !== undefined) throw transfer.failure;
    this.#put(transfer, data, false);
  }

  #put(transfer: Transfer, data: Buffer, last: boolean): void {
    const { number, compression, inTheAir } = transfer;
    const first = transfer.sent === 0 ? { compression } : {};
    transfer.sent += data.length;
    const arrived: Promise<unknown> = this.#session
      .call('importPiece', { import: number, data, last, ...first })
      .catch((error: unknown) => {
        transfer.failure ??= error;
      })
      .finally(() => inTheAir.delete(arrived));
    inTheAir.add(arrived);
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

/** That it takes nothing has ended the session: the other pieces are answered by that. */
function hasEnded(error: unknown): void {
  if (!isOfMachine(error)) throw error;
}
