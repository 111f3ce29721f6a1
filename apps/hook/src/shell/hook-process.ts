/**
 * One process of the hook. It is asked about one job after the other until it accepts one; that job it does, and ends. What
 * it writes to standard output and standard error are its reply and its remarks; the build log is what it writes to
 * descriptor 4.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { Fault } from '@cooper/fault';
import { ReplyReader } from '../core/hook-lines.ts';
import type { HookEnd } from '../core/hook-outcome.ts';

/** Joins the two outputs into one, in the order in which they were written, and closes what the hook must not see. */
const joining = ['-c', 'exec "$0" "$@" 2>&1 3>&-'] as const;

export class HookProcess {
  readonly #process: ChildProcess;
  readonly #output: Readable;
  readonly log: Readable;
  readonly ended: Promise<HookEnd>;
  /** What the hook has written behind its reply. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(program: string, words: readonly string[]) {
    const stdio = ['pipe', 'pipe', 'ignore', 'ignore', 'pipe'] as const;
    this.#process = spawn('/bin/sh', [...joining, program, ...words], { stdio: [...stdio], cwd: '/', detached: true });
    this.#output = this.#process.stdout as Readable;
    this.log = this.#process.stdio[4] as Readable;
    // A hook that ends early is told of by its end.
    this.#input.on('error', () => this.#input.destroy());
    this.ended = new Promise((resolve) => {
      this.#process.once('error', () => resolve({ exitCode: 127, signal: null }));
      this.#process.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    });
  }

  get id(): number {
    return this.#process.pid ?? 0;
  }

  /** Writes `request`, and gives the reply. Throws the fault `hook-failed` when the hook ends first. */
  async ask(request: string, remark: (data: Buffer) => Promise<void>): Promise<string> {
    this.#input.write(request);
    const reader = new ReplyReader();
    for (let data = await this.#read(); data !== null; data = await this.#read()) {
      const { remarks, reply, rest } = reader.push(data);
      if (remarks.length > 0) await remark(remarks);
      if (reply === undefined) continue;
      this.#rest = Buffer.from(rest ?? []);
      return reply;
    }
    throw new Fault('hook-failed', 'unexpected EOF reading a line', { hook: this.id });
  }

  /** Hands over the job; nothing more will be written. */
  begin(lines: string): void {
    this.#input.end(lines);
  }

  /** What the hook says beside the build log, until it ends. */
  async *remarks(): AsyncGenerator<Buffer> {
    if (this.#rest.length > 0) yield this.#rest;
    for (let data = await this.#read(); data !== null; data = await this.#read()) yield data;
  }

  /** Ends the hook and everything that it started in its process group. */
  kill(): void {
    if (this.#process.pid === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    process.kill(-this.#process.pid, 'SIGKILL');
  }

  get #input(): Writable {
    return this.#process.stdin as Writable;
  }

  /** The next piece of output; nil at its end. */
  #read(): Promise<Buffer | null> {
    const output = this.#output;
    return new Promise((resolve) => {
      const settle = (data: Buffer | null) => {
        output.off('readable', look).off('end', end).off('close', end);
        resolve(data);
      };
      const look = () => {
        const data = output.read() as Buffer | null;
        if (data !== null) settle(data);
      };
      const end = () => settle(null);
      if (output.readableEnded || output.destroyed) return settle(null);
      output.on('readable', look).on('end', end).on('close', end);
      look();
    });
  }
}
