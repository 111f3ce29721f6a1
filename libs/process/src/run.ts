/**
 * The skeleton of every process: its wiring, its log, its signals, its end.
 *
 * Exit codes: 0 after a clean stop, 64 for a bad command line, 70 when a bug was found, 71 when the process could not
 * start or go on (a fault).
 */
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { isFault } from '@cooper/fault';
import { type Log, makeLog } from '@cooper/log';
import { socketStream, standardStream } from './streams.ts';
import { parseWiring, type Wiring } from './wiring.ts';

export const exitCodes = { usage: 64, bug: 70, fault: 71 } as const;

/** What a process is given to work with. */
export class ProcessContext {
  readonly name: string;
  readonly log: Log;
  /** The words of the command line that are not about wiring. */
  readonly args: readonly string[];
  readonly #wiring: Wiring;
  readonly #servers: Server[] = [];
  #stops: (() => void | Promise<void>)[] = [];
  #stopping = false;

  constructor(name: string, wiring: Wiring) {
    this.name = name;
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
   * socket, or standard input and output when there is neither. `serve` resolves when that stream has ended.
   */
  async serve(contract: string, serve: (stream: Duplex) => Promise<unknown>): Promise<void> {
    const channel = this.channel(contract);
    if (channel !== undefined) this.#lastStream(serve(channel));
    if (this.#wiring.listeners.has(contract)) await this.listen(contract, serve);
    else if (channel === undefined) this.#lastStream(serve(standardStream()));
  }

  /** Hands every connection of the listening socket `name` to `serve`, if there is such a socket. */
  async listen(name: string, serve: (stream: Duplex) => Promise<unknown>): Promise<void> {
    const where = this.#wiring.listeners.get(name);
    if (where === undefined) return;
    const server = createServer((socket) => void serve(socket).catch((error: unknown) => this.fail(error)));
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(typeof where === 'number' ? { fd: where } : { path: where }, resolve);
    });
  }

  /** Has `stop` called, once, when the process is to end. */
  onStop(stop: () => void | Promise<void>): void {
    this.#stops.push(stop);
  }

  /** Ends the process cleanly: no new connections, then what `onStop` was given, last first. */
  async stop(code = 0): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
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
      process.exit(error.code === 'invalid-option' ? exitCodes.usage : exitCodes.fault);
    }
    this.log.error(`bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exit(exitCodes.bug);
  }

  /** The user to become once everything is loaded, if the process was told so. */
  dropPrivileges(): void {
    const { user } = this.#wiring;
    if (user === undefined || process.getuid?.() !== 0) return;
    process.setgroups?.([]);
    process.setgid?.(user.gid);
    process.setuid?.(user.uid);
    if (process.getuid?.() !== user.uid || process.getgid?.() !== user.gid)
      throw new Error('privileges were not dropped');
  }

  /** The process ends when whoever started it does. */
  watchLifeline(): void {
    if (this.#wiring.lifeline === undefined) return;
    const lifeline = socketStream(this.#wiring.lifeline);
    lifeline.on('error', () => void this.stop());
    lifeline.on('close', () => void this.stop());
    lifeline.resume();
  }

  /** A process that serves one stream ends with it. */
  #lastStream(served: Promise<unknown>): void {
    served.then(() => this.stop()).catch((error: unknown) => this.fail(error));
  }
}

/** Runs the process `name`: `main` sets it up, and returns when it serves. */
export function run(name: string, main: (context: ProcessContext) => Promise<void> | void): void {
  process.title = name;
  process.umask(0o022);
  const context = new ProcessContext(name, wiringOrExit(name));
  process.on('uncaughtException', (error) => context.fail(error));
  process.on('unhandledRejection', (error) => context.fail(error));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void context.stop());
  // A peer that is gone is an error of its stream, not a signal.
  process.on('SIGPIPE', () => undefined);
  context.watchLifeline();
  Promise.resolve()
    .then(() => main(context))
    .catch((error: unknown) => context.fail(error));
}

function wiringOrExit(name: string): Wiring {
  try {
    return parseWiring(process.argv.slice(2));
  } catch (error) {
    makeLog(name).error(error instanceof Error ? error.message : String(error));
    return process.exit(exitCodes.usage);
  }
}
