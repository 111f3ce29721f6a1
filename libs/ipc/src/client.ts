/** The calling side of a contract: typed calls, streamed items with credit, cancelling. */
import type { Duplex } from 'node:stream';
import { type Contract, type Item, literal, type MethodName, type Params, type Result } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { checkAnswer } from './answer.ts';
import type { Message } from './envelope.ts';
import { checkGreeting, creditWindow, type Greeting, handshake } from './handshake.ts';
import { MessageStream } from './message-stream.ts';
import { PendingCall } from './pending-call.ts';
import { fromWireError } from './wire-error.ts';

/** What may go with a call. */
export interface CallOptions<I> {
  /** Called with each streamed item, in order. The server gets new credit when it has returned (or resolved). */
  readonly onItem?: (item: I) => void | Promise<void>;
  /**
   * Aborting tells the server that nobody waits any more. The call still ends as the server ends it, usually with the
   * fault `cancelled`: until then, what it started may be running.
   */
  readonly signal?: AbortSignal;
}

/** A connection to a server of contract `C`. */
export interface Client<C extends Contract> {
  /** What the server calls itself. */
  readonly server: string;
  /** What it said that it can do, beyond its contract. */
  readonly features: readonly string[];
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
  /** Resolves when the channel has ended, whoever ended it; with the fault that ended it, if one did. */
  readonly closed: Promise<Fault | undefined>;
}

/**
 * Connects to the server of `contract` at the other end of `stream`, which is closed if that fails. `client` is a name for
 * people. Throws the faults `contract-mismatch` and `channel-closed`.
 */
export async function connect<C extends Contract>(
  contract: C,
  stream: Duplex,
  { client }: { readonly client: string },
): Promise<Client<C>> {
  const connection = new Connection(contract, stream);
  try {
    const greeting = await connection.request('initialize', handshake(contract, client), {});
    return connection.asClient(checkGreeting(contract, greeting));
  } catch (error) {
    connection.close();
    throw error;
  }
}

interface RequestOptions {
  readonly takeItem?: (item: unknown) => void | Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

class Connection<C extends Contract> {
  readonly #contract: C;
  readonly #messages: MessageStream;
  readonly #pending = new Map<number, PendingCall>();
  #lastId = 0;

  constructor(contract: C, stream: Duplex) {
    this.#contract = contract;
    this.#messages = new MessageStream(stream, { onMessage: (message) => this.#receive(message), pauses: false });
    void this.#messages.closed.then((fault) => this.#failAll(fault));
  }

  asClient({ server, features }: Greeting): Client<C> {
    return {
      server,
      features,
      call: (name, params, options) => this.#call(name, params, options),
      close: () => this.close(),
      closed: this.#messages.closed,
    };
  }

  close(): void {
    this.#messages.close();
  }

  /** A request outside the contract's types. */
  async request(name: string, params: unknown, { takeItem = ignore, signal }: RequestOptions): Promise<unknown> {
    if (this.#messages.isClosed) throw this.#channelClosed();
    const id = ++this.#lastId;
    const cancel = () => this.#messages.send({ kind: 'cancel', id });
    const grant = (n: number) => this.#messages.send({ kind: 'credit', id, n });
    const pending = new PendingCall({ window: creditWindow, takeItem, grant, cancel });
    this.#messages.send({ kind: 'request', id, method: name, params });
    this.#pending.set(id, pending);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await pending.answer;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async #call<N extends MethodName<C>>(
    name: N,
    params: Params<C, N>,
    { onItem, signal }: CallOptions<Item<C, N>> = {},
  ): Promise<Result<C, N>> {
    const method = this.#contract.methods[name];
    if (method === undefined) throw new Error(`the contract ${this.#contract.name} has no call ${name}`);
    if (signal?.aborted) throw new Fault('cancelled', `${name} was cancelled`);
    const itemSchema = method.item ?? noItems;
    const takeItem = (item: unknown) => {
      const checked = checkAnswer(itemSchema, item, `${name} item`) as Item<C, N>;
      return onItem?.(checked);
    };
    const result = await this.request(name, params, { takeItem, signal });
    return checkAnswer(method.result, result, `${name} result`) as Result<C, N>;
  }

  #receive(message: Message): void {
    if (message.kind === 'item') this.#pending.get(message.id)?.item(message.item);
    else if (message.kind === 'response') this.#finish(message);
    else throw new Fault('malformed-message', `a server may not send a ${message.kind}`);
  }

  #finish({ id, error, result }: Extract<Message, { kind: 'response' }>): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.finish(error === null ? { result } : { fault: fromWireError(error) });
  }

  #failAll(fault: Fault | undefined): void {
    const error = fault ?? this.#channelClosed();
    for (const pending of this.#pending.values()) pending.fail(error);
    this.#pending.clear();
  }

  #channelClosed(): Fault {
    const { name } = this.#contract;
    return new Fault('channel-closed', `the channel to the ${name} process is closed`, { contract: name });
  }
}

/** What a call streams that streams nothing: any item is refused. */
const noItems = literal();

function ignore(): void {
  // The greeting streams nothing, and servers of the future may do as they like.
}
