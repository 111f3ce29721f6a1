/**
 * How a client gets to the running processes of a store, or gets them running: whoever comes first starts a supervisor,
 * which lives as long as somebody is connected to it.
 */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type OptionName, options, type Settings, settingValues } from '@cooper/config';
import { type Contract, machinesContract, schedulerContract, storeContract } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import { type Client, connect } from '@cooper/ipc';
import { tryConnect } from './socket.ts';
import { reachSupervisor } from './supervisor.ts';

/** The running processes, for as long as this is open. */
export interface Table {
  /** The settings with which the processes run, where they differ from those asked for: each as `--name=value`. */
  readonly otherSettings: readonly string[];
  /** The settings with which the processes run. */
  readonly settings: SettingValues;
  store(): Promise<Client<typeof storeContract>>;
  scheduler(): Promise<Client<typeof schedulerContract>>;
  /** Where the settings name a file of machines. */
  machines(): Promise<Client<typeof machinesContract>>;
  close(): void;
}

/** How long, in ms, a process may be away while its supervisor is there: it is being started again. */
const patience = 15_000;
const interval = 20;

/**
 * Connects to the processes for these settings, starting them if need be. `client` is a name for people. Throws the faults
 * `cannot-start` and `cannot-connect`.
 */
export async function openTable(settings: Settings, client: string): Promise<Table> {
  const lease = await reachSupervisor(settings);
  // The lease must not keep a command alive that has nothing left to do.
  lease.unref();
  const clients: Client<Contract>[] = [];
  const open = async <C extends Contract>(contract: C): Promise<Client<C>> => {
    const opened = await reach(contract, { lease, run: settings.directories.run, client });
    clients.push(opened as unknown as Client<Contract>);
    return opened;
  };
  const running = readRunning(settings.directories.run);
  return {
    settings: running,
    otherSettings: difference(settingValues(settings), running),
    store: once(() => open(storeContract)),
    scheduler: once(() => open(schedulerContract)),
    machines: once(() => open(machinesContract)),
    close: () => {
      for (const opened of clients) opened.close();
      lease.destroy();
    },
  };
}

interface Way {
  readonly lease: Socket;
  readonly run: string;
  readonly client: string;
}

/** Connects to a process of the table. One that is not there, or goes at once, may just be started again. */
async function reach<C extends Contract>(contract: C, { lease, run, client }: Way): Promise<Client<C>> {
  const path = `${run}/${contract.name}`;
  for (const deadline = Date.now() + patience; !lease.closed; await delay(interval)) {
    const stream = await tryConnect(path);
    try {
      if (stream !== undefined) return await connect(contract, stream, { client });
    } catch (error) {
      if (!isFault(error, 'channel-closed')) throw error;
    }
    if (Date.now() > deadline) throw new Fault('cannot-connect', `nobody answers at ${path}`, { path });
  }
  const message = `the processes of Cooper have stopped; the end of ${run}/log:\n${lastLines(`${run}/log`)}`;
  throw new Fault('cannot-start', message, { log: `${run}/log` });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

type SettingValues = ReturnType<typeof settingValues>;

function readRunning(run: string): SettingValues {
  return JSON.parse(readFileSync(`${run}/settings`, 'utf8')) as SettingValues;
}

/** What the running processes were started with, where it is not what is wanted. */
function difference(wanted: SettingValues, running: SettingValues): readonly string[] {
  return (Object.keys(options) as OptionName[])
    .filter((name) => JSON.stringify(running[name]) !== JSON.stringify(wanted[name]))
    .map((name) => `--${name}=${String(running[name] ?? '')}`);
}

/** A service writes its log elsewhere. */
function lastLines(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
  } catch (error) {
    return (error as Error).message;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
