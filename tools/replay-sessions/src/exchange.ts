/**
 * Goes through a session: sends what the recorded client sent, each piece when its time has come, and takes down what the
 * daemon says. With a recorded daemon instead of one that is talking, it takes down the recording.
 */
import { isFault } from '@cooper/fault';
import { NarReader, nullSink } from '@cooper/nar';
import {
  minorOf,
  type OperationName,
  operationWith,
  readArguments,
  readBytes,
  readClientGreeting,
  readDaemonGreeting,
  readInteger,
  readMessage,
  readReply,
} from '@cooper/worker-protocol';
import { Source } from './source.ts';

/** One request and what came of it. */
export interface Exchange {
  readonly operation: OperationName | 'handshake' | number;
  readonly wish: unknown;
  /** Texts, one after the other. */
  readonly text: string;
  /** What the daemon wrote. */
  readonly data: string;
  readonly error: { readonly text: string; readonly status: number } | undefined;
  readonly reply: unknown;
}

export interface Transcript {
  readonly exchanges: readonly Exchange[];
  /** What the daemon said beyond that, up to the end of the session. */
  readonly rest: Buffer;
}

/** The daemon's side: what it says, and where to send what the client says. */
export interface DaemonSide {
  readonly says: Source;
  send(bytes: Buffer): void;
  /** The client says no more. */
  close(): void;
}

/** Goes through the session of the client whose bytes these are. */
export async function exchangeAll(client: Buffer, daemon: DaemonSide): Promise<Transcript> {
  const session = new Session(Source.ofBytes(client), daemon);
  if (await session.run()) daemon.close();
  return { exchanges: session.exchanges, rest: await daemon.says.rest() };
}

type Answer = Pick<Exchange, 'text' | 'data' | 'error'>;

class Session {
  readonly exchanges: Exchange[] = [];
  readonly #client: Source;
  readonly #daemon: DaemonSide;
  #minor = 0;

  constructor(client: Source, daemon: DaemonSide) {
    this.#client = client;
    this.#daemon = daemon;
  }

  /** False when the client has said what is not of the protocol: it is the daemon that ends such a session. */
  async run(): Promise<boolean> {
    try {
      if (!(await this.#shakeHands())) return true;
      while (this.#client.queue.length > 0) if (!(await this.#request())) return true;
      return true;
    } catch (error) {
      // Bytes that are not of the protocol go out as they are; what comes back is in what is left of the session.
      if (!isFault(error)) throw error;
      this.#daemon.send(this.#client.queue.take(this.#client.queue.length));
      return false;
    }
  }

  async #shakeHands(): Promise<boolean> {
    this.#daemon.send(this.#client.queue.take(8));
    if ((await this.#daemon.says.read(readDaemonGreeting())) === undefined) return false;
    const greeting = await this.#client.read(readClientGreeting());
    if (greeting === undefined) return false;
    this.#minor = minorOf(greeting.value.version);
    this.#daemon.send(greeting.raw);
    return this.#take('handshake', greeting.value, await this.#answer());
  }

  /** False when the session has ended. */
  async #request(): Promise<boolean> {
    const before = this.#client.queue.take(this.#client.queue.length);
    this.#client.queue.push(before);
    const rest = (): void => this.#daemon.send(before.subarray(0, before.length - this.#client.queue.length));
    try {
      const number = (await this.#client.read(readInteger()))?.value ?? 0;
      const name = operationWith(number);
      const wish = name === undefined ? undefined : (await this.#client.read(readArguments(name, this.#minor)))?.value;
      if (name === 'add-to-store') this.#passArchive();
      rest();
      return this.#take(name ?? number, wish, await this.#answer(), name);
    } catch (error) {
      rest();
      throw error;
    }
  }

  #passArchive(): void {
    const { queue } = this.#client;
    const reader = new NarReader(nullSink);
    while (!reader.isWhole && queue.length > 0) {
      const piece = queue.takePiece() as Buffer;
      queue.putBack(piece.subarray(reader.read(piece)));
    }
  }

  /** What comes before the reply; nothing when the daemon ends first. */
  async #answer(): Promise<Answer | undefined> {
    const texts: Buffer[] = [];
    const data: Buffer[] = [];
    const told = () => ({
      text: Buffer.concat(texts).toString('latin1'),
      data: Buffer.concat(data).toString('base64'),
    });
    for (;;) {
      const message = (await this.#daemon.says.read(readMessage(this.#minor)))?.value;
      if (message === undefined) return undefined;
      if (message.message === 'last') return { ...told(), error: undefined };
      if (message.message === 'error') return { ...told(), error: { text: message.text, status: message.status } };
      if (message.message === 'next') texts.push(Buffer.from(message.text));
      else if (message.message === 'write') data.push(Buffer.from(message.data));
      else await this.#give(message.most);
    }
  }

  async #give(most: number): Promise<void> {
    const answer = await this.#client.read(readBytes(most));
    this.#daemon.send(answer?.raw ?? Buffer.alloc(8));
  }

  async #take(
    operation: Exchange['operation'],
    wish: unknown,
    answer: Answer | undefined,
    name?: OperationName,
  ): Promise<boolean> {
    if (answer === undefined) return false;
    const hasReply = name !== undefined && answer.error === undefined;
    const reply = hasReply ? (await this.#daemon.says.read(readReply(name, this.#minor)))?.value : undefined;
    this.exchanges.push({ operation, wish, ...answer, reply });
    return true;
  }
}
