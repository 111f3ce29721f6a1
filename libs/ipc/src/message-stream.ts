/** Messages over a stream of bytes, in both directions. Many small messages of one turn make one write. */
import type { Duplex } from 'node:stream';
import { Fault } from '@cooper/fault';
import { fromWire, type Message } from './envelope.ts';
import { FrameReader } from './frame.ts';
import { toFrame } from './message-frame.ts';
import { decode } from './message-pack.ts';

/** How much may wait, in bytes, for a peer that does not read, before what it asks is no longer read either. */
const highWater = 4 * 1024 * 1024;

/** How long, in ms, a peer may take to read what was sent when the channel is closed. */
const patience = 2000;

/** How much may be gathered, in bytes, before it is written without waiting for the end of the turn. */
const batchSize = 64 * 1024;

export interface MessageStreamOptions {
  /** Called for each message that arrives. What it throws as a fault is the peer's, and ends the stream. */
  readonly onMessage: (message: Message) => void;
  /**
   * Stop reading while the peer does not read. For one of the two ends only, the one that answers: if both did, each
   * could wait for the other.
   */
  readonly pauses: boolean;
}

export class MessageStream {
  /** Resolves when the stream has ended, with what ended it if that was a fault. */
  readonly closed: Promise<Fault | undefined>;
  readonly #stream: Duplex;
  readonly #reader = new FrameReader();
  readonly #options: MessageStreamOptions;
  #batch: Buffer[] = [];
  #batched = 0;
  #ending = false;
  #fault: Fault | undefined;

  constructor(stream: Duplex, options: MessageStreamOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    if (options.pauses) stream.on('drain', () => stream.resume());
    this.closed = new Promise((resolve) => {
      stream.on('error', (error) => this.#cutOff(broken(error)));
      stream.on('end', () => this.close(this.#reader.isEmpty ? undefined : halfMessage()));
      stream.on('close', () => resolve(this.#fault));
    });
    // A stream that was gone before has no events left to tell of it.
    if (stream.destroyed) this.closed = Promise.resolve(broken(stream.errored ?? new Error('it was closed')));
  }

  /** True once the channel takes no more messages. */
  get isClosed(): boolean {
    return this.#ending || this.#stream.destroyed || this.#stream.writableEnded;
  }

  /** Sends `message`, soon; without effect when the channel is closed. Throws the fault `message-too-long`. */
  send(message: Message): void {
    if (this.isClosed) return;
    const frame = toFrame(message);
    if (this.#batch.push(frame) === 1) process.nextTick(() => this.#flush());
    this.#batched += frame.length;
    if (this.#batched >= batchSize) this.#flush();
  }

  /** Ends the stream once what was sent is read, or the peer's time for that is up. `fault` is the reason, if there is one. */
  close(fault?: Fault): void {
    if (this.#ending || this.#stream.destroyed) return;
    this.#flush();
    this.#ending = true;
    this.#fault = fault;
    const timer = setTimeout(() => this.#stream.destroy(), patience);
    this.#stream.end(() => {
      clearTimeout(timer);
      this.#stream.destroy();
    });
  }

  /** Ends the stream at once: the peer has broken the rules, or is gone. */
  #cutOff(fault: Fault): void {
    if (this.#ending || this.#stream.destroyed) return;
    this.#ending = true;
    this.#fault = fault;
    this.#stream.destroy();
  }

  #flush(): void {
    const batch = this.#batch;
    if (batch.length === 0 || this.#stream.destroyed) return;
    this.#batch = [];
    this.#batched = 0;
    this.#stream.write(batch.length === 1 ? batch[0] : Buffer.concat(batch));
    if (this.#options.pauses && this.#stream.writableLength > highWater) this.#stream.pause();
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) {
        const message = fromWire(decode(frame));
        if (message !== undefined) this.#options.onMessage(message);
        if (this.#ending) return;
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#cutOff(error);
    }
  }
}

function broken(error: Error): Fault {
  return new Fault('channel-closed', `the channel broke: ${error.message}`, {}, { cause: error });
}

function halfMessage(): Fault {
  return new Fault('channel-closed', 'the channel ended in the middle of a message');
}
