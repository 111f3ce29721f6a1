/** A client of daemons that speak Guix's worker protocol: Cooper's own, and guix-daemon. One request at a time. */
import { connect, type Socket } from 'node:net';
import { toText } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import {
  type Arguments,
  ByteQueue,
  FieldWriter,
  minorOf,
  type OperationName,
  Progress,
  protocolVersion,
  type Reading,
  type Reply,
  readDaemonGreeting,
  readMessage,
  readReply,
  writeClientGreeting,
  writeClientMagic,
  writeRequest,
} from '@cooper/worker-protocol';

/** What may go with a request. */
export interface RequestOptions {
  /** Called with each text, and each line of the build trace, as the daemon cut it. */
  readonly onText?: (text: Buffer) => void;
  /** Called with what the daemon writes: an export. */
  readonly onData?: (data: Buffer) => void;
  /** What follows the arguments: an archive. */
  readonly body?: Iterable<Uint8Array>;
  /** Called when the daemon wants bytes, with how many at most; none means the end. */
  readonly give?: (most: number) => Uint8Array;
}

export interface WorkerClientOptions {
  /** The version that the client says it speaks; the newest unless said otherwise. */
  readonly version?: number;
}

export class WorkerClient {
  readonly #socket: Socket;
  readonly #queue = new ByteQueue();
  readonly #minor: number;
  readonly #version: number;
  #isClosed = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket, version: number) {
    this.#socket = socket;
    this.#version = version;
    this.#minor = minorOf(version);
    socket.on('data', (bytes) => {
      this.#queue.push(bytes as Buffer);
      this.#wake?.();
    });
    const close = () => {
      this.#isClosed = true;
      this.#wake?.();
    };
    socket.on('close', close).on('error', close);
  }

  /** Connects to the daemon at a path, or a port of the network, and shakes hands. */
  static async open(
    where: string | { readonly host: string; readonly port: number },
    { version = protocolVersion }: WorkerClientOptions = {},
  ): Promise<WorkerClient> {
    const socket = typeof where === 'string' ? connect(where) : connect(where.port, where.host);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const client = new WorkerClient(socket, version);
    await client.#shakeHands();
    return client;
  }

  /** True when the daemon has closed the connection. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#socket.destroy();
  }

  /**
   * Asks for an operation, and gives the reply. Throws the fault `daemon-error`, with its `status`, where the daemon says
   * that it failed, and `connection-closed` where it says nothing any more.
   */
  async request<N extends OperationName>(name: N, wish: Arguments<N>, options: RequestOptions = {}): Promise<Reply<N>> {
    const writer = new FieldWriter();
    writeRequest(writer, name, { arguments: wish, minor: this.#minor });
    this.#socket.write(writer.take());
    for (const piece of options.body ?? []) await this.#send(piece);
    await this.#messages(options);
    return this.#read(readReply(name, this.#minor));
  }

  async #shakeHands(): Promise<void> {
    const writer = new FieldWriter();
    writeClientMagic(writer);
    this.#socket.write(writer.take());
    await this.#read(readDaemonGreeting());
    writeClientGreeting(writer, { version: this.#version, processor: undefined, reserveSpace: 1 });
    this.#socket.write(writer.take());
    await this.#messages({});
  }

  /** Takes what comes before the reply. */
  async #messages({ onText, onData, give }: RequestOptions): Promise<void> {
    for (;;) {
      const message = await this.#read(readMessage(this.#minor));
      if (message.message === 'last') return;
      if (message.message === 'error') {
        throw new Fault('daemon-error', toText(message.text), { status: message.status });
      }
      if (message.message === 'next') onText?.(Buffer.from(message.text));
      else if (message.message === 'write') onData?.(Buffer.from(message.data));
      else this.#socket.write(new FieldWriter().bytes(give?.(message.most) ?? Buffer.alloc(0)).take());
    }
  }

  /** Waits where there is no room; a daemon that has gone says why in what it has sent. */
  async #send(piece: Uint8Array): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => this.#socket.write(piece, () => resolve()));
  }

  async #read<T>(reading: Reading<T>): Promise<T> {
    const progress = new Progress(reading);
    while (!progress.advance(this.#queue)) {
      if (this.#isClosed) throw new Fault('connection-closed', 'the daemon has closed the connection');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return progress.value;
  }
}
