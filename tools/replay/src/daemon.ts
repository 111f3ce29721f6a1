/** The daemon under test, as an operator starts it: one command, its options, its socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSocket } from './wire.ts';

const command = fileURLToPath(new URL('../../../apps/cli/bin/cooper', import.meta.url));
const logFile = '/run/daemon.log';

/** Longer than any start takes; a daemon that ends before is not waited for. */
const patience = 60_000;

export interface DaemonWish {
  readonly socket: string;
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export class Daemon {
  readonly #wish: DaemonWish;
  readonly #process: ChildProcess;

  private constructor(wish: DaemonWish, process: ChildProcess) {
    this.#wish = wish;
    this.#process = process;
  }

  /** Starts a daemon and waits until it takes connections. */
  static async start(wish: DaemonWish): Promise<Daemon> {
    const log = openSync(logFile, 'a');
    const env = { PATH: process.env['PATH'], HOME: '/root', LC_ALL: 'C', ...wish.environment };
    const child = spawn(command, ['daemon', ...wish.options], { stdio: ['ignore', log, log], env });
    closeSync(log);
    const daemon = new Daemon(wish, child);
    await daemon.#ready();
    return daemon;
  }

  /** What its processes have said. */
  static log(): string {
    return existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
  }

  /** Ends it the hard way, and starts another. */
  async restart(): Promise<Daemon> {
    await this.end('SIGKILL');
    rmSync(this.#wish.socket, { force: true });
    return Daemon.start(this.#wish);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill(signal);
    await ended;
  }

  async #ready(): Promise<void> {
    for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(20)) {
      const { exitCode, signalCode } = this.#process;
      if (exitCode !== null || signalCode !== null) break;
      if (await isListening(this.#wish.socket)) return;
    }
    throw new Error(`the daemon does not listen at ${this.#wish.socket}:\n${Daemon.log()}`);
  }
}

async function isListening(path: string): Promise<boolean> {
  try {
    (await openSocket(path)).destroy();
    return true;
  } catch (error) {
    if (['ENOENT', 'ECONNREFUSED'].includes(String((error as NodeJS.ErrnoException).code))) return false;
    throw error;
  }
}
