/** The calling side of a contract: typed calls, streamed items with credit, cancelling. */
import type { Duplex } from 'node:stream';
import { type Contract, check, type Item, literal, type MethodName, type Params, type Result } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Message, WireError } from './envelope.ts';
import { creditWindow, type Greeting, handshake } from './handshake.ts';
import { MessageStream } from './message-stream.ts';

/** What may go with a call. */
export interface CallOptions<I> {
  /** Called with each streamed item, in order. The server gets new credit when it has returned (or resolved). */
  readonly onItem?: (item: I) => void | Promise<void>;
  /** Aborting tells the server that nobody waits any more; the call then fails with the fault `cancelled`. */
  readonly signal?: AbortSignal;
}

/** A connection to a server of contract `C`. */
export interface Client<C extends Contract> {
  /** What the server calls itself. */
  readonly server: string;
  /**
   * Calls `name`. Throws what the server answered as a fault with the code it gave, `invalid-response` when the answer
   * is not of the contract, and `channel-closed` when the channel ends first.
   */
  call<N extends MethodName<C>>(
    name: N,
    params: Params<C, N>,
    options?: CallOptions<Item<C, N>>,
  ): Promise<Result<C, N>>;
  close(): void;
  /** Resolves when the channel has ended, whoever ended it. */
  readonly closed: Promise<Fault | undefined>;
}

interface Pending {
  readonly name: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly takeItem: (item: unknown) => void | Promise<void>;
  consumed: number;
  taking: Promise<void>;
}

/** Connects to the server of `contract` at the other end of `stream`. `client` is a name for people. */
export async function connect<C extends Contract>(
  contract: C,
  stream: Duplex,
  { client }: { readonly client: string },
): Promise<Client<C>> {
  const connection = new Connection(contract, stream);
  const greeting = (await connection.request('initialize', handshake(contract, client))) as Greeting;
  if (greeting.contract !== contract.name || greeting.version !== contract.version) {
    const fault = new Fault(
      'contract-mismatch',
      `the peer serves ${greeting.contract} ${greeting.version}, not ${contract.name} ${contract.version}`,
    );
    connection.close(fault);
    throw fault;
  }
  return connection.asClient(greeting.server);
}

class Connection<C extends Contract> {
  readonly #contract: C;
  readonly #messages: MessageStream;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(contract: C, stream: Duplex) {
    this.#contract = contract;
    this.#messages = new MessageStream(stream, (message) => this.#receive(message));
    void this.#messages.closed.then((fault) => this.#failAll(fault));
  }

  asClient(server: string): Client<C> {
    return {
      server,
      call: (name, params, options) => this.#call(name, params, options),
      close: () => this.close(),
      closed: this.#messages.closed,
    };
  }

  close(fault?: Fault): void {
    this.#messages.close(fault);
  }

  /** A request outside the contract's types. */
  request(
    name: string,
    params: unknown,
    takeItem: Pending['takeItem'] = ignore,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { name, resolve, reject, takeItem, consumed: 0, taking: Promise.resolve() });
      this.#messages.send({ kind: 'request', id, method: name, params });
      signal?.addEventListener('abort', () => this.#cancel(id), { once: true });
    });
  }

  async #call<N extends MethodName<C>>(
    name: N,
    params: Params<C, N>,
    { onItem, signal }: CallOptions<Item<C, N>> = {},
  ): Promise<Result<C, N>> {
    const method = this.#contract.methods[name];
    if (method === undefined) throw new Error(`the contract ${this.#contract.name} has no call ${name}`);
    if (signal?.aborted) throw new Fault('cancelled', `${name} was cancelled`);
    const takeItem = (item: unknown) =>
      onItem?.(checkAnswer(() => check(method.item ?? refuseItems, item, `${name} item`)));
    const result = await this.request(name, params, takeItem, signal);
    return checkAnswer(() => check(method.result, result, `${name} result`)) as Result<C, N>;
  }

  #cancel(id: number): void {
    if (this.#pending.has(id)) this.#messages.send({ kind: 'cancel', id });
  }

  #receive(message: Message): void {
    if (message.kind === 'item') this.#takeItem(message.id, message.item);
    else if (message.kind === 'response') this.#answer(message);
    else throw new Fault('malformed-message', `a server may not send a ${message.kind}`);
  }

  #takeItem(id: number, item: unknown): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    pending.taking = pending.taking
      .then(() => pending.takeItem(item))
      .then(
        () => this.#grant(id, pending),
        (error) => this.#fail(id, error),
      );
  }

  /** Gives back credit for what was consumed, in halves of the window rather than one by one. */
  #grant(id: number, pending: Pending): void {
    if (++pending.consumed < creditWindow / 2) return;
    this.#messages.send({ kind: 'credit', id, n: pending.consumed });
    pending.consumed = 0;
  }

  #answer({ id, error, result }: Extract<Message, { kind: 'response' }>): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    // Items come before the answer: the call is over when the last of them has been taken.
    void pending.taking.then(() => {
      this.#pending.delete(id);
      if (error === null) pending.resolve(result);
      else pending.reject(toFault(error));
    });
  }

  #fail(id: number, error: Error): void {
    const pending = this.#pending.get(id);
    this.#cancel(id);
    this.#pending.delete(id);
    pending?.reject(error);
  }

  #failAll(fault: Fault | undefined): void {
    const error = fault ?? new Fault('channel-closed', `the ${this.#contract.name} process has closed the channel`);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}

const refuseItems = literal();

function ignore(): void {
  // A call that nobody wants items of: the contract has none for it.
}

function toFault({ code, message, data }: WireError): Fault {
  return new Fault(code, message, (data ?? {}) as Record<string, unknown>);
}

function checkAnswer<T>(answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault('invalid-response', error.message, error.facts, { cause: error });
  }
}
