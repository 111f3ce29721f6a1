/** The serving side of a contract: checks what comes in, hands it to the handlers, streams with credit, answers once. */
import type { Duplex } from 'node:stream';
import { type Contract, check, type Item, type MethodName, type Params, type Result } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Message } from './envelope.ts';
import { creditWindow, greet } from './handshake.ts';
import { MessageStream } from './message-stream.ts';
import { RunningCall } from './running-call.ts';
import { toWireError } from './wire-error.ts';

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
  /** Different for every channel of this process. */
  readonly id: number;
  /** Resolves when the channel has ended, with what ended it if that was a fault. Calls may still be running. */
  readonly closed: Promise<Fault | undefined>;
  /**
   * Resolves when the channel has ended and none of its calls runs any more: the time to release what calls have bound
   * to it, for nothing can be bound to it later.
   */
  readonly settled: Promise<Fault | undefined>;
  close(): void;
}

/** A function for each call of the contract. Faults that it throws become errors; anything else is a bug. */
export type Handlers<C extends Contract> = {
  readonly [N in MethodName<C>]: (params: Params<C, N>, call: Call<C, N>) => Promise<Result<C, N>> | Result<C, N>;
};

export interface ServeOptions {
  /** What the server calls itself. */
  readonly server: string;
  /** Words that its contract gives a meaning; none unless said. */
  readonly features?: readonly string[];
  /** Told of errors of handlers that are no faults; the client learns only `internal-error`. */
  readonly onBug?: (error: unknown, call: string) => void;
}

/** How many requests of one client may be under way. */
export const maxRequests = 10_000;

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

type Request = Extract<Message, { kind: 'request' }>;
type Handler = (params: unknown, call: unknown) => unknown;

class Channel<C extends Contract> implements ServerChannel {
  readonly id = ++lastChannel;
  readonly closed: Promise<Fault | undefined>;
  readonly settled: Promise<Fault | undefined>;
  readonly #contract: C;
  readonly #handlers: Handlers<C>;
  readonly #messages: MessageStream;
  readonly #options: ServeOptions;
  readonly #running = new Map<number, RunningCall>();
  #greeted = false;
  #onIdle: (() => void) | undefined;

  constructor(contract: C, handlers: Handlers<C>, stream: Duplex, options: ServeOptions) {
    this.#contract = contract;
    this.#handlers = handlers;
    this.#options = options;
    this.#messages = new MessageStream(stream, { onMessage: (message) => this.#receive(message), pauses: true });
    this.closed = this.#messages.closed;
    this.settled = this.closed.then((fault) => this.#settle(fault));
  }

  close(): void {
    this.#messages.close();
  }

  #receive(message: Message): void {
    switch (message.kind) {
      case 'request':
        this.#answer(message);
        break;
      case 'cancel':
        this.#running.get(message.id)?.cancel();
        break;
      case 'credit':
        this.#running.get(message.id)?.grant(message.n);
        break;
      default:
        throw new Fault('malformed-message', `a client may not send a ${message.kind}`);
    }
  }

  /** Not async: what is wrong with the request as a message has to be thrown to where messages are read. */
  #answer(request: Request): void {
    const { id } = request;
    if (this.#running.has(id)) throw new Fault('malformed-message', `request ${id} is still under way`);
    const call = new RunningCall(creditWindow, (item) => this.#messages.send({ kind: 'item', id, item }));
    this.#running.set(id, call);
    void this.#carryOut(request, call).then(() => {
      call.end();
      this.#running.delete(id);
      if (this.#running.size === 0) this.#onIdle?.();
    });
  }

  async #carryOut({ id, method, params }: Request, call: RunningCall): Promise<void> {
    try {
      const result = await this.#result(method, params, call);
      this.#messages.send({ kind: 'response', id, error: null, result });
    } catch (error) {
      const fault = error instanceof Fault ? error : this.#bug(error, method);
      this.#messages.send({ kind: 'response', id, error: toWireError(fault), result: null });
      if (fault.code === 'contract-mismatch') this.#messages.close(fault);
    }
  }

  #result(name: string, params: unknown, running: RunningCall): unknown {
    if (name === 'initialize') return this.#greet(params);
    if (!this.#greeted) throw new Fault('invalid-request', `${JSON.stringify(name)} came before initialize`);
    if (!Object.hasOwn(this.#contract.methods, name)) {
      throw new Fault('invalid-request', `the contract ${this.#contract.name} has no call ${JSON.stringify(name)}`);
    }
    if (this.#running.size > maxRequests) {
      throw new Fault('too-many-requests', `${maxRequests} requests are under way`, { limit: maxRequests });
    }
    const method = this.#contract.methods[name] as C['methods'][string];
    return (this.#handlers[name as MethodName<C>] as Handler)(check(method.params, params, 'params'), {
      send: (item: unknown) => running.send(item),
      channel: this,
      get signal() {
        return running.signal;
      },
    });
  }

  #greet(params: unknown): unknown {
    if (this.#greeted) throw new Fault('invalid-request', 'initialize came twice');
    const greeting = greet(this.#contract, { features: [], ...this.#options }, params);
    this.#greeted = true;
    return greeting;
  }

  #bug(error: unknown, method: string): Fault {
    this.#options.onBug?.(error, method);
    return new Fault('internal-error', `${this.#options.server} failed in ${method}; its log says more`);
  }

  async #settle(fault: Fault | undefined): Promise<Fault | undefined> {
    for (const call of this.#running.values()) call.cancel();
    if (this.#running.size > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    return fault;
  }
}
