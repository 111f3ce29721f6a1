/** The implementation under test: where a channel to it comes from. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Duplex, type Readable, type Writable } from 'node:stream';

/** One running implementation. */
export interface Subject {
  /** The channel on which it serves its contract. */
  readonly stream: Duplex;
  /** What it said on standard error. */
  readonly log: () => string;
  /** Waits until it ends by itself; how it ended. */
  readonly ended: Promise<string>;
  /** How long, in ms, any answer may take. Whole scenarios may take three times as long. */
  readonly patience?: number;
  /** Ends it. */
  close(): Promise<void>;
}

/** Starts an implementation anew. */
export type Start = () => Promise<Subject>;

/** A command that serves its contract on standard input and output. */
export function commandSubject(command: readonly string[]): Subject {
  const [program = '', ...words] = command;
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let log = '';
  child.stderr.on('data', (data: Buffer) => {
    log = (log + data.toString()).slice(-100_000);
  });
  const stream = Duplex.from({ readable: child.stdout as Readable, writable: child.stdin as Writable });
  stream.on('error', () => stream.destroy());
  return { stream, log: () => log, ended: endOf(child), close: () => endCommand(child) };
}

export function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
}

/** Kills the process group: an implementation may have children of its own. */
export async function endCommand(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.stdin?.destroy();
  const timer = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), 5000);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(timer);
}

/** An implementation in this process, which serves one end of a pair of streams. */
export function streamSubject(stream: Duplex, stop: () => Promise<void> = async () => undefined): Subject {
  const ended = new Promise<string>((resolve) => stream.once('close', () => resolve('closed')));
  return {
    stream,
    log: () => '',
    ended,
    close: async () => {
      stream.destroy();
      await stop();
    },
  };
}

/** A command that serves its contract on descriptor 3, as the launcher does. What it says on 1 and 2 is its log. */
export function launcherSubject(command: readonly string[]): Subject {
  const [program = '', ...words] = command;
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true });
  let log = '';
  const listen = (data: Buffer) => {
    log += data.toString('latin1');
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  const stream = child.stdio[3] as Duplex;
  stream.on('error', () => stream.destroy());
  // Its end is told when all that it said has been read.
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  return { stream, log: () => log, ended, close: () => endCommand(child) };
}
