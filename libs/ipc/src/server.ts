/** The serving side of a contract: checks what comes in, hands it to the handlers, streams with credit, answers once. */
import type { Duplex } from 'node:stream';
import { type Contract, check, type Item, type MethodName, type Params, type Result } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { Credit } from './credit.ts';
import type { Message } from './envelope.ts';
import { creditWindow, greet } from './handshake.ts';
import { MessageStream } from './message-stream.ts';

/** One call, as its handler sees it. */
export interface Call<C extends Contract, N extends MethodName<C> = MethodName<C>> {
  /** Streams an item. Resolves when the client has room for the next; at once, and without effect, when it is gone. */
  send(item: Item<C, N>): Promise<void>;
  /** Aborted when the client cancels the call or its channel ends. */
  readonly signal: AbortSignal;
  readonly channel: ServerChannel;
}

/** One client's channel, for what handlers bind to it. */
export interface ServerChannel {
  readonly id: number;
  /** Resolves when the channel has ended. */
  readonly closed: Promise<Fault | undefined>;
  close(): void;
}

/** A function for each call of the contract. Faults that it throws become errors; anything else is a bug. */
export type Handlers<C extends Contract> = {
  readonly [N in MethodName<C>]: (params: Params<C, N>, call: Call<C, N>) => Promise<Result<C, N>> | Result<C, N>;
};

export interface ServeOptions {
  /** What the server calls itself. */
  readonly server: string;
  /** Told of errors of handlers that are no faults; the client learns only `internal-error`. */
  readonly onBug?: (error: unknown, call: string) => void;
}

/** How many requests of one client may be under way. */
const maxRequests = 10_000;

let lastChannel = 0;

/** Serves `contract` on `stream` until it ends. */
export function serve<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  stream: Duplex,
  options: ServeOptions,
): ServerChannel {
  return new Channel(contract, handlers, stream, options);
}

interface Running {
  readonly controller: AbortController;
  readonly credit: Credit;
}

type Handler = (params: unknown, call: unknown) => unknown;

class Channel<C extends Contract> implements ServerChannel {
  readonly id = ++lastChannel;
  readonly closed: Promise<Fault | undefined>;
  readonly #contract: C;
  readonly #handlers: Handlers<C>;
  readonly #messages: MessageStream;
  readonly #options: ServeOptions;
  readonly #running = new Map<number, Running>();
  #greeted = false;

  constructor(contract: C, handlers: Handlers<C>, stream: Duplex, options: ServeOptions) {
    this.#contract = contract;
    this.#handlers = handlers;
    this.#options = options;
    this.#messages = new MessageStream(stream, (message) => this.#receive(message));
    this.closed = this.#messages.closed;
    void this.closed.then(() => this.#abortAll());
  }

  close(): void {
    this.#messages.close();
  }

  #receive(message: Message): void {
    switch (message.kind) {
      case 'request':
        void this.#serve(message);
        break;
      case 'cancel':
        this.#running.get(message.id)?.controller.abort();
        break;
      case 'credit':
        this.#running.get(message.id)?.credit.grant(message.n);
        break;
      default:
        throw new Fault('malformed-message', `a client may not send a ${message.kind}`);
    }
  }

  async #serve({ id, method, params }: Extract<Message, { kind: 'request' }>): Promise<void> {
    try {
      this.#messages.send({ kind: 'response', id, error: null, result: await this.#result(id, method, params) });
    } catch (error) {
      this.#refuse(id, method, error);
    } finally {
      this.#running.delete(id);
    }
  }

  #result(id: number, name: string, params: unknown): unknown {
    if (name === 'initialize') return this.#greet(params);
    if (!this.#greeted) throw new Fault('invalid-request', `${name} before initialize`);
    if (!Object.hasOwn(this.#contract.methods, name)) {
      throw new Fault('invalid-request', `the contract ${this.#contract.name} has no call ${name}`);
    }
    if (this.#running.has(id)) throw new Fault('invalid-request', `request ${id} is still under way`);
    if (this.#running.size >= maxRequests)
      throw new Fault('too-many-requests', `${maxRequests} requests are under way`);
    const method = this.#contract.methods[name] as C['methods'][string];
    const checked = check(method.params, params, 'params');
    return (this.#handlers[name as MethodName<C>] as Handler)(checked, this.#startCall(id));
  }

  #greet(params: unknown): unknown {
    const greeting = greet(this.#contract, this.#options.server, params);
    this.#greeted = true;
    return greeting;
  }

  #startCall(id: number): Call<C> {
    const controller = new AbortController();
    const credit = new Credit(creditWindow, controller.signal);
    this.#running.set(id, { controller, credit });
    return {
      signal: controller.signal,
      channel: this,
      send: async (item) => {
        await credit.take();
        if (!controller.signal.aborted) this.#messages.send({ kind: 'item', id, item });
      },
    };
  }

  #refuse(id: number, method: string, error: unknown): void {
    const fault = error instanceof Fault ? error : this.#bug(error, method);
    const { code, message, facts } = fault;
    this.#messages.send({ kind: 'response', id, error: { code, message, data: printable(facts) }, result: null });
    if (code === 'contract-mismatch') this.close();
  }

  #bug(error: unknown, method: string): Fault {
    this.#options.onBug?.(error, method);
    return new Fault('internal-error', `${this.#options.server} failed in ${method}; its log says more`);
  }

  #abortAll(): void {
    for (const { controller } of this.#running.values()) controller.abort();
  }
}

/** Facts as the wire can carry them: what is no plain value becomes text. */
function printable(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain = (value: unknown) =>
    value === null || typeof value !== 'object' || value instanceof Uint8Array || Array.isArray(value);
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, plain(value) ? value : String(value)]));
}
