/** One ssh process: a stream to `cooper remote` on another machine, and why it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { type Fault, isFault } from '@cooper/fault';
import type { Machine } from '@cooper/machines';
import { describeNoise, isFrameStart } from '../core/first-bytes.ts';
import { sshArguments } from '../core/ssh-command.ts';
import { sshComplaint } from '../core/ssh-complaint.ts';
import { machineFailure } from './machine-failure.ts';

/** How much is kept of what ssh says: characters. */
const keptComplaint = 8192;

/** How long, in ms, ssh may take to end when the other end has closed. */
const toEnd = 5000;

/**
 * ssh looks its user up in the list of accounts, in which the private range of ids is not. In a user namespace of its own
 * it is seen as root, without being any more than it was.
 */
const inNamespace = ['unshare', '--map-root-user', '--'] as const;

/** `directory` holds the files that its arguments name. */
export class SshProcess extends Duplex {
  /** Resolves when it is over, with the reason: what we gave it up for, or what it said itself. */
  readonly lost: Promise<Fault>;
  /** When something came last, by `performance.now`. */
  lastHeard = performance.now();
  #givenUp: Fault | undefined;
  readonly #child: ChildProcess;
  #isFirst = true;
  #stderr = '';

  constructor(machine: Machine, directory: string) {
    super();
    const command = [...(hasAccount() ? [] : inNamespace), 'ssh', ...sshArguments(machine)];
    const [program = '', ...words] = command;
    // A group of its own, so that nothing of it stays behind.
    this.#child = spawn(program, words, { cwd: directory, stdio: 'pipe', detached: true, env: sshEnvironment() });
    this.lost = this.#watch();
  }

  override _read(): void {
    this.#output.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#input.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#input.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (isFault(error)) this.#givenUp ??= error;
    if (this.#output.readableEnded && this.#givenUp === undefined) this.#killSoon();
    else this.#kill();
    done(error);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get #input(): Writable {
    return this.#child.stdin as Writable;
  }

  get #output(): Readable {
    return this.#child.stdout as Readable;
  }

  #watch(): Promise<Fault> {
    this.#output.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#output.on('end', () => this.push(null));
    // That it has gone is told of by its end.
    this.#input.on('error', () => this.destroy());
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-keptComplaint);
    });
    return new Promise((resolve) => {
      const end = (how: string) => {
        const reason = this.#givenUp ?? machineFailure(sshComplaint(this.#stderr, how));
        resolve(reason);
        this.destroy(reason);
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
    });
  }

  #take(chunk: Buffer): void {
    this.lastHeard = performance.now();
    if (this.#isFirst && !isFrameStart(chunk)) {
      this.destroy(machineFailure(describeNoise(chunk)));
      return;
    }
    this.#isFirst = false;
    if (!this.push(chunk)) this.#output.pause();
  }

  /** The other end has closed: ssh is about to say why, and to end. */
  #killSoon(): void {
    const timer = setTimeout(() => this.#kill(), toEnd);
    this.#child.once('close', () => clearTimeout(timer));
  }

  #kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    process.kill(-pid, 'SIGKILL');
  }
}

function hasAccount(): boolean {
  try {
    return userInfo().uid === process.getuid?.();
  } catch {
    return false;
  }
}

/** Nothing of ours but the way to programs: no agent, no display, no locale for the far end. */
function sshEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' };
}
