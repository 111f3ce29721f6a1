/** A store process of its own for a test: in a fresh directory, reached through a listening socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, truncateSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { storeContract, type Ticket } from '@cooper/contracts';
import { type Client, connect } from '@cooper/ipc';
import { removeTree } from '@cooper/nar-files';
import type { StorePath } from '@cooper/store-path';
import Database from 'better-sqlite3';
import { Journal } from '../src/shell/journal.ts';

export type StoreClient = Client<typeof storeContract>;

const program = fileURLToPath(new URL('../bin/cooper-store', import.meta.url));

interface Test {
  teardown(work: () => void | Promise<void>): unknown;
}

/** Where a store is: several processes may be started there, one after the other. */
export class StorePlace {
  readonly root: string;
  readonly storeDir: string;
  readonly stateDir: string;

  /** `storeDir`: where the paths of recorded data want it, below a fresh directory that the process takes for `/`. */
  constructor(t: Test, root = mkdtempSync(`${tmpdir()}/cooper-store-`)) {
    this.root = root;
    this.storeDir = `${root}/store`;
    this.stateDir = `${root}/state`;
    t.teardown(() => {
      removeTree(root);
    });
  }

  /** Names in the store directory, but for the store's own corner. */
  items(): string[] {
    return readdirSync(this.storeDir)
      .filter((name) => name !== '.cooper' && name !== '.links')
      .sort();
  }

  /** Has the database, behind the back of the store, know nothing of a path that nothing refers to. */
  forget(path: StorePath): void {
    const database = new Database(`${this.stateDir}/db/db.sqlite`);
    database.pragma('foreign_keys = on');
    database.prepare('delete from ValidPaths where path = ?').run(path);
    database.close();
  }

  /** Changes the last byte of the file at a path, behind the back of the store. */
  spoil(path: StorePath): void {
    chmodSync(path, 0o644);
    truncateSync(path, lstatSync(path).size - 1);
    appendFileSync(path, '!');
    chmodSync(path, 0o444);
  }

  /** What stays in the store's own corner, but for its locks, when what is removed in the background is gone. */
  async left(): Promise<string[]> {
    for (const deadline = Date.now() + 10_000; ; await delay(20)) {
      const names = readdirSync(`${this.storeDir}/.cooper`).filter(
        (name) => name !== 'journal' && !/(^|-)lock$/.test(name),
      );
      const journal = new Journal(`${this.storeDir}/.cooper`, this.storeDir);
      const left = [...names, ...journal.left(), ...journal.leftReplacements().map(({ info }) => info.path)];
      if (left.length === 0 || Date.now() > deadline) return left;
    }
  }
}

export class RunningStore {
  readonly place: StorePlace;
  readonly process: ChildProcess;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly #socket: string;
  #log = '';

  constructor(place: StorePlace, words: readonly string[], wrapper: readonly string[]) {
    this.place = place;
    this.#socket = `${place.root}/socket`;
    const own = [`--store-dir=${place.storeDir}`, `--state-dir=${place.stateDir}`, `--listen=store=${this.#socket}`];
    const [command = '', ...args] = [...wrapper, program, ...own, ...words];
    this.process = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.process.stderr?.on('data', (data: Buffer) => (this.#log += data.toString()));
    this.exited = new Promise((resolve) => {
      this.process.once('close', (code, signal) => resolve({ code, signal }));
    });
  }

  /** What it has written to its standard error. */
  get log(): string {
    return this.#log;
  }

  async connect(client = 'a test'): Promise<StoreClient> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await delay(20)) {
      if (this.process.exitCode !== null) throw new Error(`the store has ended: ${this.#log}`);
      const socket = existsSync(this.#socket) ? await tryConnect(this.#socket) : undefined;
      if (socket !== undefined) return connect(storeContract, socket, { client });
    }
    throw new Error(`nobody listens: ${this.#log}`);
  }

  /** Ends it as the supervisor does. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGTERM');
    await this.exited;
    await rm(this.#socket, { force: true });
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
    await rm(this.#socket, { force: true });
  }
}

export interface StoreOptions {
  readonly place?: StorePlace;
  readonly words?: readonly string[];
  /** Words before the command of the store. */
  readonly wrapper?: readonly string[];
}

/** Starts a store that ends with the test. */
export function startStore(
  t: Test,
  { place = new StorePlace(t), words = [], wrapper = [] }: StoreOptions = {},
): RunningStore {
  const store = new RunningStore(place, words, wrapper);
  t.teardown(() => store.stop());
  return store;
}

/** A store and a client of it. */
export async function openStore(
  t: Test,
  options: StoreOptions = {},
): Promise<{ readonly store: RunningStore; readonly client: StoreClient; readonly place: StorePlace }> {
  const store = startStore(t, options);
  return { store, client: await store.connect(), place: store.place };
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connectSocket(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

/** Shows a ticket. */
export async function redeem({ socket: path, ticket }: Ticket): Promise<Socket> {
  const socket = connectSocket(Buffer.from(path).toString());
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  socket.write(`${ticket}\n`);
  return socket;
}

/** Shows a ticket and sends `bytes`. */
export async function send(ticket: Ticket, bytes: Uint8Array): Promise<void> {
  (await redeem(ticket)).end(bytes);
}

/** Shows a ticket and reads to the end. */
export async function receive(ticket: Ticket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const socket = await redeem(ticket);
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    // What came before the connection broke is what there is; the call says why.
  }
  return Buffer.concat(chunks);
}

/** The code of the fault with which `work` fails; what it gives where it does not fail. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}
