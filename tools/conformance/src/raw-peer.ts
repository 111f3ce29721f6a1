/**
 * A peer that speaks the wire as the protocol pages describe it, with an encoding of its own, and that can also break every
 * rule: what is sent is bytes, what comes back is read frame by frame.
 */
import type { Duplex } from 'node:stream';
import { Packr } from 'msgpackr';
import type { Subject } from './subject.ts';
import { Violation } from './violation.ts';

const packr = new Packr({ useRecords: false, int64AsType: 'auto' as 'bigint' });

/** How long, in ms, an answer may take unless the subject says otherwise. */
export const usualPatience = 20_000;

export type Response = { readonly id: number; readonly error: WireError | null; readonly result: unknown };

export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

/** A message as it came: `[1, id, error, result]` or `[2, method, params]`. */
type Incoming = readonly [1, number, WireError | null, unknown] | readonly [2, string, Record<string, unknown>];

/** `value` as a frame. */
export function frame(value: unknown): Buffer {
  const message = packr.pack(value);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(message.length);
  return Buffer.concat([header, message]);
}

export class RawPeer {
  readonly #stream: Duplex;
  readonly #patience: number;
  readonly #messages: Incoming[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;
  #lastId = 0;

  constructor({ stream, patience = usualPatience }: Pick<Subject, 'stream' | 'patience'>) {
    this.#stream = stream;
    this.#patience = patience;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    const end = () => {
      this.#ended = true;
      this.#wake?.();
    };
    stream.on('end', end).on('close', end).on('error', end);
  }

  write(bytes: Uint8Array): void {
    if (!this.#stream.destroyed && this.#stream.writable) this.#stream.write(bytes);
  }

  /** Says that nothing more will be written. */
  end(): void {
    this.#stream.end();
  }

  close(): void {
    this.#stream.destroy();
  }

  /** Sends a request; gives its id. */
  send(method: string, params: unknown): number {
    const id = ++this.#lastId;
    this.write(frame([0, id, method, params]));
    return id;
  }

  /** Waits for the response to request `id`; other messages are kept. */
  async response(id: number): Promise<Response> {
    const [, , error, result] = await this.#find(
      (message) => message[0] === 1 && message[1] === id,
      `an answer to request ${id}`,
    );
    return { id, error: error as WireError | null, result };
  }

  /** Sends a request and waits for what it is answered. */
  async ask(method: string, params: unknown): Promise<Response> {
    return this.response(this.send(method, params));
  }

  /** Shakes hands for `contract`. Throws a violation unless that succeeds. */
  async greet({
    name,
    version,
  }: {
    readonly name: string;
    readonly version: number;
  }): Promise<Record<string, unknown>> {
    const params = { contract: name, version, features: [], client: 'conformance' };
    const { error, result } = await this.ask('initialize', params);
    if (error !== null) throw new Violation(`initialize was refused: ${error.code}: ${error.message}`);
    return result as Record<string, unknown>;
  }

  /** The items that have come for request `id`, and are forgotten by this. */
  takeItems(id: number): unknown[] {
    const taken: unknown[] = [];
    for (let place = 0; place < this.#messages.length; ) {
      const message = this.#messages[place] as Incoming;
      if (isItem(message, id)) {
        taken.push((message[2] as Record<string, unknown>)['item']);
        this.#messages.splice(place, 1);
      } else place++;
    }
    return taken;
  }

  /** The next item for request `id`; nothing if the response comes first. */
  async item(id: number): Promise<unknown> {
    const isNext = (message: Incoming) => isItem(message, id) || (message[0] === 1 && message[1] === id);
    const message = await this.#find(isNext, `an item of request ${id}`);
    if (message[0] === 2) return message[2]['item'];
    this.#messages.unshift(message);
    return undefined;
  }

  grant(id: number, n: number): void {
    this.write(frame([2, '$/credit', { id, n }]));
  }

  cancel(id: number): void {
    this.write(frame([2, '$/cancel', { id }]));
  }

  /** Waits until the other end closes. */
  async ended(): Promise<void> {
    await this.#until(() => this.#ended, 'the end of the channel');
  }

  async #find(matches: (message: Incoming) => boolean, what: string): Promise<Incoming> {
    await this.#until(() => this.#ended || this.#messages.some(matches), what);
    const place = this.#messages.findIndex(matches);
    const [message] = place < 0 ? [] : this.#messages.splice(place, 1);
    if (message === undefined) throw new Violation(`the channel ended before ${what} came`);
    return message;
  }

  async #until(isTrue: () => boolean, what: string): Promise<void> {
    for (const deadline = Date.now() + this.#patience; !isTrue(); ) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Violation(`${what} did not come within ${this.#patience / 1000} s`);
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, left);
      });
      clearTimeout(timer);
    }
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= 4) {
      const size = this.#bytes.readUInt32BE() + 4;
      if (this.#bytes.length < size) break;
      this.#messages.push(packr.unpack(this.#bytes.subarray(4, size)) as Incoming);
      this.#bytes = this.#bytes.subarray(size);
    }
    this.#wake?.();
  }
}

function isItem(message: Incoming, id: number): boolean {
  return message[0] === 2 && message[1] === '$/item' && message[2]['id'] === id;
}
