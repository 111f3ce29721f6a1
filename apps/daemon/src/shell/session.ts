/**
 * One client: what it asks for, one request after the other. A request whose arguments are wrong ends the session, since
 * nobody knows where the next one begins; one that fails later is answered with an error, and the session goes on.
 */
import type { Socket } from 'node:net';
import { Fault, isFault } from '@cooper/fault';
import {
  minorOf,
  type OperationName,
  operationWith,
  readArguments,
  readClientGreeting,
  readClientMagic,
  readInteger,
  writeDaemonGreeting,
  writeReply,
} from '@cooper/worker-protocol';
import { errorMessage } from '../core/error-reply.ts';
import { checkPlace } from '../core/named-paths.ts';
import { initialSettings, type SessionSettings } from '../core/session-settings.ts';
import { ClientInput } from './client-input.ts';
import { ClientOutput } from './client-output.ts';
import { type AnyOperation, anyOperation } from './operations.ts';
import type { Peer } from './peer.ts';
import type { Site } from './site.ts';
import { openStoreChannel, type StoreChannel } from './store-channel.ts';

/** How long, in ms, a client may take to say who it is. */
const patience = 60_000;

export class Session {
  readonly site: Site;
  readonly peer: Peer;
  readonly input: ClientInput;
  readonly output: ClientOutput;
  settings: SessionSettings;
  readonly #socket: Socket;
  #channel: Promise<StoreChannel> | undefined;
  #answering: Promise<void> = Promise.resolve();
  /** Whether the arguments of the request have been read: an error can be answered, and the session goes on. */
  #isWorking = false;

  constructor(site: Site, peer: Peer, socket: Socket) {
    this.site = site;
    this.peer = peer;
    this.#socket = socket;
    this.input = new ClientInput(socket, site.budget);
    this.output = new ClientOutput(socket);
    this.settings = initialSettings(site.defaults);
  }

  /** Aborted when the client has gone. */
  get signal(): AbortSignal {
    return this.input.gone;
  }

  /** The store, on a channel whose leases go with this client. */
  async store(): Promise<StoreChannel['store']> {
    this.#channel ??= openStoreChannel(this.site.store, `cooper-daemon for ${this.peer.name}`);
    return (await this.#channel).store;
  }

  /** Gives back whatever has been leased for this client so far. */
  async releaseLeases(): Promise<void> {
    await (await this.#channel)?.store.call('releaseLeases', {});
  }

  /** All that the request brings has been read. */
  begin(): void {
    this.#isWorking = true;
  }

  /** Resolves when what is being answered has been. */
  async answered(): Promise<void> {
    await Promise.allSettled([this.#answering]);
  }

  /** Serves the client until it goes or breaks the rules. */
  async serve(): Promise<void> {
    try {
      await this.#shakeHands();
      while (await this.input.hasMore()) {
        this.#answering = this.#answer();
        await this.#answering;
      }
    } catch (error) {
      if (!isFault(error, 'client-gone')) this.site.log.debug(`a session has ended: ${(error as Error).message}`);
      if (!isFault(error)) throw error;
    } finally {
      this.#releaseStore();
      await this.output.end();
    }
  }

  #releaseStore(): void {
    const { endings } = this.site;
    const ending = Promise.resolve(this.#channel).then(
      (channel) => channel?.close(),
      () => undefined,
    );
    endings.add(ending);
    void ending.then(() => endings.delete(ending));
  }

  async #shakeHands(): Promise<void> {
    const timer = setTimeout(() => this.#socket.destroy(), patience);
    try {
      await this.input.read(readClientMagic());
      writeDaemonGreeting(this.output.writer);
      await this.output.flush();
      this.output.minor = minorOf((await this.input.read(readClientGreeting())).version);
    } finally {
      clearTimeout(timer);
    }
    const { user } = this.peer;
    if (user !== undefined) await this.site.store.call('addUserProfile', user);
    await this.output.send({ message: 'last' });
  }

  async #answer(): Promise<void> {
    this.#isWorking = false;
    try {
      const number = await this.input.read(readInteger());
      const name = operationWith(number);
      if (name === undefined) throw new Fault('invalid-operation', `invalid operation ${number}`, { number });
      await this.#carryOut(name, anyOperation(name));
    } catch (error) {
      await this.#refuse(this.#explain(error));
    }
  }

  async #carryOut(name: OperationName, operation: AnyOperation): Promise<void> {
    const wish = await this.input.read(readArguments(name, this.output.minor));
    for (const path of operation.paths?.(wish) ?? []) checkPlace(this.site.storeDir, path);
    operation.check?.(wish, this);
    if (operation.readsOn !== true) this.begin();
    const reply = await operation.run(wish, this);
    this.output.add({ message: 'last' });
    writeReply(this.output.writer, name, { reply: reply as never, minor: this.output.minor });
    await this.output.flush();
  }

  async #refuse(fault: Fault): Promise<void> {
    if (this.signal.aborted || isFault(fault, 'client-gone')) throw new Fault('client-gone', fault.message);
    await this.output.send(errorMessage(fault));
    if (!this.#isWorking) throw fault;
  }

  /** A bug costs the request, and is told in the log. */
  #explain(error: unknown): Fault {
    if (isFault(error)) return error;
    this.site.log.error(`bug in a session: ${String((error as Error).stack)}`);
    return new Fault('internal-error', 'the daemon has met a bug of its own; its log says more', {}, { cause: error });
  }
}
