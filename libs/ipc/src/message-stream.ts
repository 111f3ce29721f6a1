/** Messages over a stream of bytes, in both directions. Many small messages of one turn make one write. */
import type { Duplex } from 'node:stream';
import { Fault } from '@cooper/fault';
import { fromWire, type Message, toWire } from './envelope.ts';
import { FrameReader, maxFrame } from './frame.ts';
import { decode, encode } from './message-pack.ts';

/** How much may wait for a peer that does not read, before what it asks is no longer read either. */
const highWater = 4 * 1024 * 1024;

export class MessageStream {
  /** Resolves when the stream has ended, with what ended it if that was a fault. */
  readonly closed: Promise<Fault | undefined>;
  readonly #stream: Duplex;
  readonly #reader = new FrameReader();
  #corked = false;
  #fault: Fault | undefined;

  /** Calls `onMessage` for each message that arrives. What it throws is the peer's fault, and ends the stream. */
  constructor(stream: Duplex, onMessage: (message: Message) => void) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#read(chunk, onMessage));
    stream.on('drain', () => stream.resume());
    this.closed = new Promise((resolve) => {
      stream.on('error', (error) => this.close(new Fault('channel-closed', `the channel broke: ${error.message}`)));
      stream.on('end', () => this.close());
      stream.on('close', () => resolve(this.#fault));
    });
  }

  send(message: Message): void {
    const payload = encode(toWire(message));
    if (payload.length > maxFrame) {
      throw new Fault('message-too-long', `a message of ${payload.length} bytes does not fit a frame`);
    }
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    this.#cork();
    const header = Buffer.allocUnsafe(4);
    header.writeUInt32BE(payload.length);
    this.#stream.write(header);
    this.#stream.write(payload);
    if (this.#stream.writableLength > highWater) this.#stream.pause();
  }

  /** Ends the stream once what was sent is written; at once when a fault is the reason. */
  close(fault?: Fault): void {
    this.#fault ??= fault;
    if (fault === undefined) this.#stream.end(() => this.#stream.destroy());
    else this.#stream.destroy();
  }

  #read(chunk: Buffer, onMessage: (message: Message) => void): void {
    try {
      for (const frame of this.#reader.push(chunk)) {
        const message = fromWire(decode(frame));
        if (message !== undefined) onMessage(message);
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.close(error);
    }
  }

  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#stream.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#stream.uncork();
    });
  }
}
