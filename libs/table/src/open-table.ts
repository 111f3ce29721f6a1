/**
 * How a client gets to the running processes of a store, or gets them running: whoever comes first starts a supervisor,
 * which lives as long as somebody is connected to it.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect as connectSocket, type Socket } from 'node:net';
import { commandLine, type OptionName, options, type Settings, supervisorCommand } from '@cooper/config';
import { type Contract, schedulerContract, storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { type Client, connect } from '@cooper/ipc';

/** The running processes, for as long as this is open. */
export interface Table {
  /** The settings with which the processes run, when they differ from those asked for: each as `--name=value`. */
  readonly otherSettings: readonly string[];
  store(): Promise<Client<typeof storeContract>>;
  scheduler(): Promise<Client<typeof schedulerContract>>;
  close(): void;
}

/** How long, in ms, processes may take to come up. */
const patience = 20_000;

/** The exit code of a supervisor that found another one running. */
const another = 75;

/** Connects to the processes for these settings, starting them if need be. `client` is a name for people. */
export async function openTable(settings: Settings, client: string): Promise<Table> {
  const { run } = settings.directories;
  const lease = await takeLease(settings);
  // The lease must not keep a command alive that has nothing left to do.
  lease.unref();
  const clients: Client<Contract>[] = [];
  const open = async <C extends Contract>(contract: C): Promise<Client<C>> => {
    const stream = await connected(`${run}/${contract.name}`);
    const opened = await connect(contract, stream, { client });
    clients.push(opened as unknown as Client<Contract>);
    return opened;
  };
  return {
    otherSettings: difference(settings),
    store: once(() => open(storeContract)),
    scheduler: once(() => open(schedulerContract)),
    close: () => {
      for (const opened of clients) opened.close();
      lease.destroy();
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function takeLease(settings: Settings): Promise<Socket> {
  const path = `${settings.directories.run}/supervisor`;
  for (const deadline = Date.now() + patience; ; ) {
    const lease = await tryConnect(path);
    if (lease !== undefined) return lease;
    if (Date.now() > deadline) throw new Fault('cannot-start', `nobody answers at ${path}`, { path });
    await startSupervisor(settings, path);
  }
}

/** Starts a supervisor and waits until it can be reached, or has found another one. */
async function startSupervisor(settings: Settings, path: string): Promise<void> {
  const log = openLog(settings);
  const [program = '', ...args] = [...supervisorCommand, ...words(settings), '--linger=0'];
  // A session of its own: what a terminal sends to the client's processes must not reach those that others share.
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', log.fd] });
  child.unref();
  closeSync(log.fd);
  let end: number | string | undefined;
  child.once('error', (error) => (end = error.message));
  child.once('exit', (code, signal) => (end = signal ?? code ?? 0));
  for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(10)) {
    if (end === another) return delay(50);
    if (end !== undefined) throw new Fault('cannot-start', failure(log, end), { end });
    const probe = await tryConnect(path);
    if (probe !== undefined) {
      // Only a look: the caller's own connection is made while this one still counts.
      setTimeout(() => probe.destroy(), 1000).unref();
      return;
    }
  }
}

interface LogFile {
  readonly path: string;
  readonly fd: number;
}

function openLog({ directories }: Settings): LogFile {
  const path = `${directories.run}/log`;
  try {
    mkdirSync(directories.state, { recursive: true, mode: 0o755 });
    mkdirSync(directories.run, { recursive: true, mode: 0o700 });
    return { path, fd: openSync(path, 'a', 0o600) };
  } catch (error) {
    throw new Fault(
      'cannot-start',
      `cannot use ${directories.run}: ${(error as Error).message}`,
      { path },
      { cause: error },
    );
  }
}

function failure({ path }: LogFile, end: number | string): string {
  const last = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
  return `the processes of Cooper did not start (${end}); the end of ${path}:\n${last}`;
}

async function connected(path: string): Promise<Socket> {
  const socket = await tryConnect(path);
  if (socket === undefined) throw new Fault('cannot-connect', `nobody answers at ${path}`, { path });
  return socket;
}

/** Nothing when nobody listens there. */
function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else
        reject(new Fault('cannot-connect', `cannot connect to ${path}: ${error.message}`, { path }, { cause: error }));
    });
  });
}

function words(settings: Settings): readonly string[] {
  return commandLine(settings, Object.keys(options) as OptionName[]);
}

/** What the running processes were started with, as far as it is not what `settings` say. */
function difference(settings: Settings): readonly string[] {
  const wanted = new Set([...words(settings), '--linger=0']);
  const running = readFileSync(`${settings.directories.run}/settings`, 'utf8').split('\n');
  return running.filter((word) => word !== '' && !wanted.has(word));
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
