/** One process of the table: started with its wiring, stopped when asked, watched. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { ProcessEntry } from '@cooper/config';
import type { Log } from '@cooper/log';
import { dial } from './dialled-socket.ts';
import { makeListeningSocket } from './listening-socket.ts';

/** How long, in ms, a process may take to end before it is killed. */
const grace = 5000;

export interface ChildSettings {
  /** The directory of the sockets. */
  readonly run: string;
  /** The words that go before the command: what cuts the rights of the process. */
  readonly wrapper: readonly string[];
  /** The words that carry its settings, and the user that it is to become. */
  readonly words: readonly string[];
  readonly log: Log;
}

export interface Child {
  readonly entry: ProcessEntry;
  readonly started: number;
  /** Resolves when the process has ended, with how: `exit code 70`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** Asks the process to end, and kills it if it takes too long. */
  stop(): Promise<void>;
}

/** Starts the process of `entry`. */
export async function startChild(entry: ProcessEntry, settings: ChildSettings): Promise<Child> {
  const dialled = await Promise.all(entry.uses.map(({ socket }) => dial(`${settings.run}/${socket}`)));
  const listening = entry.serves.map((name) => makeListeningSocket(`${settings.run}/${name}`));
  const inherited = [...dialled, ...listening];
  const names = [
    ...entry.uses.map(({ channel }, index) => `--channel=${channel}=${4 + index}`),
    ...entry.serves.map((name, index) => `--listen=${name}=${4 + dialled.length + index}`),
  ];
  const [program, ...args] = [...settings.wrapper, ...entry.command, ...settings.words, '--lifeline=3', ...names] as [
    string,
    ...string[],
  ];
  const started = Date.now();
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', ...inherited.map(({ fd }) => fd)],
  });
  for (const socket of inherited) socket.release();
  const ended = endOf(child);
  return { entry, started, ended, stop: () => stop(child, ended) };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    // The lifeline breaks when the process ends; that is no error of ours.
    child.stdio[3]?.on('error', () => undefined);
  });
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), grace);
  await ended;
  clearTimeout(timer);
}
