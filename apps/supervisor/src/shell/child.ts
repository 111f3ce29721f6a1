/** One process of the table: started with its wiring, stopped when asked, watched. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { ProcessEntry } from '@cooper/config';
import type { User } from '@cooper/process';
import { type ClientSocket, openClientSocket } from './client-socket.ts';
import { type DialledSocket, dial } from './dialled-socket.ts';
import { type ListeningSocket, makeListeningSocket } from './listening-socket.ts';

/** How long, in ms, a process may take to end before it is killed. */
const grace = 5000;

/** The descriptor of the lifeline in a child; those of its sockets follow. */
const lifeline = 3;

export interface ChildSettings {
  /** The directory of the sockets. */
  readonly run: string;
  /** The words that go before the command: what cuts the rights of the process. */
  readonly wrapper: readonly string[];
  /** The words that carry its settings, and the user that it is to become. */
  readonly words: readonly string[];
  /** The user that it is from the start; ours if absent. */
  readonly user?: User;
  /** Where clients of the outside come, if they come to this process. */
  readonly clientSockets?: readonly ClientSocket[];
}

export interface Child {
  readonly entry: ProcessEntry;
  /** 0 when it could not be started. */
  readonly pid: number;
  /** In ms since 1970. */
  readonly started: number;
  /** Resolves when the process has ended, with how: `exit code 70`, `SIGKILL`, or why it could not be started. */
  readonly ended: Promise<string>;
  /** Asks the process to end, and kills it if it takes too long. */
  stop(): Promise<void>;
}

/** Starts the process of `entry`. That it cannot be started is an end like others. */
export async function startChild(entry: ProcessEntry, settings: ChildSettings): Promise<Child> {
  const started = Date.now();
  const dialled: DialledSocket[] = [];
  try {
    for (const { socket } of entry.uses) dialled.push(await dial(`${settings.run}/${socket}`));
    return watch(entry, started, spawnWith(entry, settings, dialled));
  } catch (error) {
    const ended = Promise.resolve((error as Error).message);
    return { entry, pid: 0, started, ended, stop: async () => {} };
  } finally {
    for (const socket of dialled) socket.release();
  }
}

type Streams = ('ignore' | 'inherit' | 'pipe' | number)[];

function wiredStreams(sockets: readonly { readonly fd: number }[]): Streams {
  return ['ignore', 'ignore', 'inherit', 'pipe', ...sockets.map(({ fd }) => fd)];
}

/** The one channel is standard input and output; its end is that of the process, which needs no lifeline. */
function plainStreams([channel]: readonly DialledSocket[]): Streams {
  const stream = channel?.fd ?? 'ignore';
  return [stream, stream, 'inherit'];
}

/** Not async: between making a listening socket and giving ours up, no event may come in. */
function spawnWith(entry: ProcessEntry, settings: ChildSettings, dialled: readonly DialledSocket[]): ChildProcess {
  const listening: ListeningSocket[] = [];
  try {
    for (const name of entry.serves) listening.push(makeListeningSocket(`${settings.run}/${name}`));
    const next = () => lifeline + 1 + dialled.length + listening.length;
    const words = [
      `--lifeline=${lifeline}`,
      ...entry.uses.map(({ channel }, index) => `--channel=${channel}=${lifeline + 1 + index}`),
      ...entry.serves.map((name, index) => `--listen=${name}=${lifeline + 1 + dialled.length + index}`),
      ...(settings.clientSockets ?? []).map((socket, index) => {
        if (socket.kind === 'address') return `--listen=client-${index}=${socket.address}`;
        const descriptor = next();
        listening.push(openClientSocket(socket));
        return `--listen=client-${index}=${descriptor}`;
      }),
    ];
    const isPlain = entry.plain === true;
    const all = [...settings.wrapper, ...entry.command, ...(isPlain ? [] : [...settings.words, ...words])];
    return spawn(all[0] as string, all.slice(1), {
      ...settings.user,
      cwd: '/',
      // A session of its own: an interrupt at the terminal is for the supervisor, which stops everything in order.
      detached: true,
      stdio: isPlain ? plainStreams(dialled) : wiredStreams([...dialled, ...listening]),
    });
  } finally {
    for (const socket of listening) socket.release();
  }
}

function watch(entry: ProcessEntry, started: number, child: ChildProcess): Child {
  // The lifeline breaks when the process ends; that is no error of ours.
  child.stdio[lifeline]?.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      endGroup(child.pid);
      resolve(signal ?? `exit code ${code}`);
    });
  });
  return { entry, pid: child.pid ?? 0, started, ended, stop: () => stop(child, ended) };
}

/** What the process has left behind in its session goes, too. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody left, or only somebody who has become another user.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), grace);
  await ended;
  clearTimeout(timer);
}
