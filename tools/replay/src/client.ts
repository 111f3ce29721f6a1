/** One client of the daemon under test: requests go out, replies and texts come back as a recording has them. */
import type { Socket } from 'node:net';
import { operations } from './operations.ts';
import type { StepResult } from './scenario.ts';
import { ConnectionClosed, integer, openSocket, WireReader } from './wire.ts';

const clientMagic = 0x6e697863;
const daemonMagic = 0x6478696f;
const protocolVersion = 0x164;
const stderrNext = 0x6f6c6d67;
const stderrLast = 0x616c7473;
const stderrError = 0x63787470;

export interface ClientRequest {
  readonly op: string;
  readonly args: unknown;
  /** Where the files lie that the arguments name. */
  readonly folder: string;
  /** Called at the first text that arrives. */
  readonly onText?: () => void;
}

type Ending = Pick<StepResult, 'outcome' | 'reply' | 'message' | 'status'>;

export class Client {
  readonly #socket: Socket;
  readonly #reader: WireReader;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = new WireReader(socket);
  }

  /** Connects to the daemon that listens at `path` and shakes hands. */
  static async open(path: string): Promise<Client> {
    const client = new Client(await openSocket(path));
    await client.#shakeHands();
    return client;
  }

  close(): void {
    this.#reader.close();
  }

  /** Asks for one operation. Waits for at most `patience` ms. */
  async request(request: ClientRequest, patience: number): Promise<StepResult> {
    const { op, args, folder } = request;
    const operation = operations[op];
    if (operation === undefined) throw new Error(`the operation \`${op}' is not known`);
    const text: string[] = [];
    const onText = (part: string) => {
      text.push(part);
      request.onText?.();
    };
    this.#socket.write(Buffer.concat([integer(operation.number), operation.encode(args as never, folder)]));
    const ending = await within(patience, this.#finish(operation.reply, onText));
    return { op, ...ending, ...(text.length === 0 ? {} : { text: text.join('') }) };
  }

  async #shakeHands(): Promise<void> {
    this.#socket.write(Buffer.concat([clientMagic, protocolVersion, 0, 1].map(integer)));
    if ((await this.#reader.integer()) !== daemonMagic) throw new Error('what listens there is no daemon');
    await this.#reader.integer();
    const opened = await this.#finish(
      async () => null,
      () => {},
    );
    if (opened.outcome !== 'success') throw new Error(`the daemon refuses: ${opened.message}`);
  }

  async #finish(reply: (reader: WireReader) => Promise<unknown>, onText: (part: string) => void): Promise<Ending> {
    const reader = this.#reader;
    try {
      for (;;) {
        const word = await reader.integer();
        if (word === stderrNext) onText(await reader.string());
        else if (word === stderrLast) return { outcome: 'success', reply: await reply(reader) };
        else if (word === stderrError) {
          return { outcome: 'error', message: utf8(await reader.string()), status: await reader.integer() };
        } else throw new Error(`unexpected word ${word.toString(16)} of the daemon`);
      }
    } catch (error) {
      if (error instanceof ConnectionClosed) return { outcome: 'connection-closed' };
      throw error;
    }
  }
}

async function within(patience: number, ending: Promise<Ending>): Promise<Ending> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Ending>((resolve) => {
    timer = setTimeout(() => resolve({ outcome: `no reply within ${patience / 1000} s` }), patience);
  });
  return Promise.race([ending, late]).finally(() => clearTimeout(timer));
}

function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
