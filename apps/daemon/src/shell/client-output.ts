/** What a client is sent. A client that does not read is waited for: nothing piles up here. */
import type { Socket } from 'node:net';
import { FieldWriter, type Message, writeMessage } from '@cooper/worker-protocol';

/** How long, in ms, a client may go on sending to nobody. */
const linger = 1000;

export class ClientOutput {
  readonly #socket: Socket;
  readonly #writer = new FieldWriter();
  /** The client's minor version, which says what messages look like. */
  minor = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Where to put what goes with the next message. */
  get writer(): FieldWriter {
    return this.#writer;
  }

  /** Adds a message to what goes out next. */
  add(message: Message): void {
    writeMessage(this.#writer, message, this.minor);
  }

  /** Sends what was added. Resolves when there is room for more, or nobody to send it to. */
  async flush(): Promise<void> {
    const bytes = this.#writer.take();
    if (bytes.length === 0 || this.#socket.destroyed || this.#socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.on('drain', done).on('close', done);
    });
  }

  async send(message: Message): Promise<void> {
    this.add(message);
    await this.flush();
  }

  /** Text for people, at once. */
  async say(text: string | Uint8Array): Promise<void> {
    await this.send({ message: 'next', text: typeof text === 'string' ? Buffer.from(text) : text });
  }

  /**
   * Sends what was added, and closes the connection. What the client still sends is thrown away for a moment: one that is
   * in the middle of it would fail at that, and not get to read why.
   */
  async end(): Promise<void> {
    await this.flush();
    const timer = setTimeout(() => this.#socket.destroy(), linger);
    this.#socket.once('close', () => clearTimeout(timer));
    this.#socket.removeAllListeners('readable').resume().end();
  }
}
