/** A supervisor with a table of stand-ins, in a directory of its own, for tests. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as dial, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isFault } from '@cooper/fault';
import { type Client, connect } from '@cooper/ipc';
import { standInContract } from './programs/stand-in-contract.ts';

export const supervisorProgram = fileURLToPath(new URL('../bin/cooper-supervisor', import.meta.url));
const standIn = fileURLToPath(new URL('programs/stand-in.ts', import.meta.url));

/** The command of a stand-in for the process `name`. */
export const standInFor = (name: string, ...words: string[]) => ({
  command: [process.execPath, standIn, name, ...words],
});

const standIns = { store: standInFor('store'), scheduler: standInFor('scheduler'), builder: standInFor('builder') };

export type StandInClient = Client<ReturnType<typeof standInContract>>;

/** Writes the configuration of a table of stand-ins, with these changes, for the state directory. */
export function configure(state: string, processes: object = {}): void {
  mkdirSync(`${state}/etc`, { recursive: true });
  writeFileSync(`${state}/etc/cooper.json`, JSON.stringify({ processes: { ...standIns, ...processes } }), {
    mode: 0o644,
  });
}

/** A test, as far as it is needed here. */
interface Scope {
  teardown(end: () => Promise<void>): void;
}

/** The processes of a table, by their ids. */
interface Wiring {
  readonly store: number;
  readonly scheduler: number;
  readonly builder: number;
}

export class RunningSupervisor {
  readonly state: string;
  readonly child: ChildProcess;
  /** All that it and its processes said, when they have ended. */
  readonly said: Promise<string>;
  /** Its exit code, or the signal that killed it. */
  readonly ended: Promise<number | string>;

  /** `own` may have it run as another user, for whom directories follow from the environment. */
  constructor(t: Scope, state: string, words: readonly string[] = [], own: SpawnOptions = {}) {
    this.state = state;
    const directories = own.uid === undefined ? [`--state-dir=${state}`, `--store-dir=${state}/store`] : [];
    this.child = spawn(supervisorProgram, [...directories, ...words], { stdio: ['ignore', 'ignore', 'pipe'], ...own });
    this.said = text(this.child.stderr as NodeJS.ReadableStream);
    this.ended = once(this.child, 'exit').then(([code, signal]) => code ?? signal);
    t.teardown(() => this.kill());
  }

  /** Connects to the supervisor, which counts it as a client. */
  async lease(): Promise<Socket> {
    const path = `${this.state}/run/supervisor`;
    while (!existsSync(path)) await delay(10);
    const socket = dial(path);
    await once(socket, 'data');
    return socket;
  }

  /** Connects to the process that serves `name`, as soon as there is one. */
  async connect(name: string): Promise<StandInClient> {
    for (;;) {
      const socket = dial(`${this.state}/run/${name}`);
      try {
        await once(socket, 'connect');
        return await connect(standInContract(name), socket, { client: 'test' });
      } catch {
        // Not there yet, or going just now: a test that waits for it in vain runs into its time limit.
        await delay(20);
      }
    }
  }

  /** Who is wired to whom, as soon as a build agent other than `besides` is there. */
  async wiring(besides = 0): Promise<Wiring> {
    for (;;) {
      const wiring = await this.#tryWiring(besides);
      if (wiring !== undefined) return wiring;
      await delay(20);
    }
  }

  /** Nothing when that agent is not there yet, or the scheduler that was asked is just being stopped. */
  async #tryWiring(besides: number): Promise<Wiring | undefined> {
    const scheduler = await this.connect('scheduler');
    try {
      const { pid, store, agents } = await scheduler.call('status', {});
      const builder = agents.find((agent) => agent !== besides);
      return builder === undefined ? undefined : { store: store ?? 0, scheduler: pid, builder };
    } catch (error) {
      if (isFault(error, 'channel-closed')) return undefined;
      throw error;
    } finally {
      scheduler.close();
    }
  }

  async stop(): Promise<number | string> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** Whether a process runs: one that has ended and waits for its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Waits until none of the processes runs. False when some do after `limit` ms. */
export async function areGone(pids: readonly number[], limit: number): Promise<boolean> {
  for (const deadline = Date.now() + limit; pids.some(isRunning); await delay(10)) {
    if (Date.now() > deadline) return false;
  }
  return true;
}
