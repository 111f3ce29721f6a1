/** What a process is given to work with: its channels and sockets, its log, its end. */
import { flushCompileCache } from 'node:module';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';
import { isFault } from '@cooper/fault';
import { type Log, makeLog } from '@cooper/log';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { listenAt, listenOn } from './listening.ts';
import { becomeUser } from './privileges.ts';
import { socketStream, standardStream } from './streams.ts';
import type { Wiring } from './wiring.ts';

/** Deals with one stream. Resolves when it has ended, with the fault that ended it, if one did. */
export type ServeStream = (stream: Duplex) => Promise<unknown>;

/** How long, in ms, what `onStop` was given may take unless the process says otherwise: less than a supervisor waits. */
const patience = 4000;

export interface RunOptions {
  /** How long, in ms, the process may take to stop. */
  readonly patience?: number;
}

export class ProcessContext {
  readonly name: string;
  readonly log: Log;
  /** The words of the command line that are not about wiring. */
  readonly args: readonly string[];
  readonly #wiring: Wiring;
  readonly #patience: number;
  readonly #servers: Server[] = [];
  #stops: (() => void | Promise<void>)[] = [];
  #stopping = false;
  #hangup: (() => void) | undefined;

  constructor(name: string, wiring: Wiring, options: RunOptions = {}) {
    this.name = name;
    this.#patience = options.patience ?? patience;
    this.#wiring = wiring;
    this.args = wiring.rest;
    this.log = makeLog(name, { level: process.env['COOPER_DEBUG'] === undefined ? 'info' : 'debug' });
  }

  /** The channel on which the contract `contract` is spoken, if there is one; a process that uses it is its client. */
  channel(contract: string): Duplex | undefined {
    const fd = this.#wiring.channels.get(contract);
    return fd === undefined ? undefined : socketStream(fd);
  }

  /**
   * Hands every stream on which `contract` is to be served to `serve`: its channel, the connections of its listening
   * socket, or standard input and output when there is neither. A process that serves one stream ends with it.
   */
  async serve(contract: string, serve: ServeStream): Promise<void> {
    const channel = this.channel(contract);
    if (this.#wiring.listeners.has(contract)) {
      if (channel !== undefined) this.#serveOne(channel, serve);
      await this.listen(contract, serve);
    } else this.#serveLast(serve(channel ?? standardStream()));
  }

  /** Hands every connection of the listening socket `name` to `serve`, if there is such a socket. */
  async listen(name: string, serve: ServeStream): Promise<void> {
    const where = this.#wiring.listeners.get(name);
    if (where === undefined) return;
    const server = createServer((socket) => this.#serveOne(socket, serve));
    this.#servers.push(server);
    if (typeof where === 'string') return where.startsWith('/') ? listenAt(server, where) : listenOn(server, where);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ fd: where }, resolve);
    });
  }

  /** The names of its listening sockets. */
  get listeners(): readonly string[] {
    return [...this.#wiring.listeners.keys()];
  }

  /** Has `stop` called, once, when the process is to end. It has four seconds (or `patience`), with all others. */
  onStop(stop: () => void | Promise<void>): void {
    this.#stops.push(stop);
  }

  /** Has `hangup` called at each SIGHUP, which otherwise stops the process. */
  onHangup(hangup: () => void): void {
    this.#hangup = hangup;
  }

  /** Ends the process cleanly: no new connections, then what `onStop` was given, last first. */
  async stop(code = 0): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    setTimeout(() => this.#giveUp(), this.#patience);
    for (const server of this.#servers) server.close();
    const stops = this.#stops.reverse();
    this.#stops = [];
    for (const stop of stops) await stop();
    process.exit(code);
  }

  /** Ends the process because of `error`: a fault with its message, anything else as a bug with its stack. */
  fail(error: unknown): never {
    if (isFault(error)) {
      this.log.error(error.message, { code: error.code });
      this.log.debug(inspect(error));
      process.exit(exitCodeOf(error));
    }
    this.log.error(`bug: ${inspect(error)}`);
    process.exit(exitCodes.bug);
  }

  /** Becomes the unprivileged user, if the process was told to: to be called once everything is loaded. */
  dropPrivileges(): void {
    if (this.#wiring.user === undefined) return;
    // Node writes what it compiled when the process ends; that user may not write there.
    flushCompileCache();
    becomeUser(this.#wiring.user);
  }

  /** The process ends when whoever started it does. */
  watchLifeline(): void {
    if (this.#wiring.lifeline === undefined) return;
    const lifeline = socketStream(this.#wiring.lifeline);
    lifeline.on('error', () => void this.stop());
    lifeline.on('close', () => void this.stop());
    lifeline.resume();
  }

  /** What a signal does. The second one to stop is taken at its word. */
  signalled(signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP', number: number): void {
    if (signal === 'SIGHUP' && this.#hangup !== undefined) this.#hangup();
    else if (this.#stopping) process.exit(128 + number);
    else this.stop().catch((error: unknown) => this.fail(error));
  }

  #giveUp(): void {
    this.log.error('stopping takes too long; ending now');
    process.exit(exitCodes.fault);
  }

  /** A stream among others: what is wrong with it is told, and ends nothing else. */
  #serveOne(stream: Duplex, serve: ServeStream): void {
    serve(stream)
      .then((end) => this.#tellEnd(end))
      .catch((error: unknown) => {
        if (!isFault(error)) this.fail(error);
        this.#tellEnd(error);
        stream.destroy();
      });
  }

  #serveLast(served: Promise<unknown>): void {
    served
      .then((end) => {
        this.#tellEnd(end);
        return this.stop(isFault(end) ? exitCodes.fault : 0);
      })
      .catch((error: unknown) => this.fail(error));
  }

  /** That a peer is gone is no news; that it broke the rules is. */
  #tellEnd(end: unknown): void {
    if (!isFault(end)) return;
    const tell = end.code === 'channel-closed' ? this.log.debug : this.log.warning;
    tell(`a channel has ended: ${end.message}`, { code: end.code });
  }
}
