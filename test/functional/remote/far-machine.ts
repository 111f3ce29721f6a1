/**
 * A machine that builds for others: a real table, and `cooper remote` beside it, to which a test speaks over pipes as ssh
 * would. Archives for it are made in its own store, which then forgets them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { receiveBytes } from '@cooper/bulk';
import { toBytes } from '@cooper/byte-string';
import type { Settings } from '@cooper/config';
import { longestPiece, type Outcome, type RemoteEvent, remoteContract } from '@cooper/contracts';
import { type Client, connect } from '@cooper/ipc';
import type { RecipeDerivation } from '@cooper/recipe';
import { authorise, emptyAccessList, makeSecretKey, parseSecretKey, printAdvanced } from '@cooper/signature';
import type { StorePath } from '@cooper/store-path';
import type { Test } from 'tap';
import { processesOf } from '../../support/process-tree.ts';
import { type RunningTable, startTable } from '../scheduler/running-table.ts';

const cooper = fileURLToPath(new URL('../../../apps/cli/bin/cooper', import.meta.url));

const { secret, public: publicKey } = makeSecretKey(Buffer.alloc(32, 3));

/** How many pieces of an import may be on the way. */
const window = 32;

/** The key of both sides: they believe each other. */
export const key = parseSecretKey(toBytes(printAdvanced(secret)));

export type Compression = 'none' | 'zstd';

export interface BuildWish {
  readonly outputs?: readonly string[];
  readonly imports?: readonly number[];
  readonly limits?: { readonly timeout?: number; readonly maxSilentTime?: number };
  readonly substitute?: boolean;
  readonly compression?: Compression;
  readonly signal?: AbortSignal;
  /** Called with each event. */
  readonly onEvent?: (event: RemoteEvent) => void;
}

export interface Import {
  readonly number: number;
  readonly taken: Promise<unknown>;
}

/** What a build has told. */
export interface FarBuild {
  readonly outcome: Outcome;
  readonly events: readonly RemoteEvent[];
  readonly log: string;
  /** Its outputs, as they have come. */
  readonly sent: Buffer;
}

/** The near side of one connection. */
export class Connection {
  readonly client: Client<typeof remoteContract>;
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  #lastImport = 0;

  constructor(process: ChildProcess, client: Client<typeof remoteContract>) {
    this.process = process;
    this.client = client;
    this.exited = new Promise((resolve) => void process.once('exit', resolve));
  }

  async build(derivation: string, wish: BuildWish = {}): Promise<FarBuild> {
    const { outputs = ['out'], imports = [], limits, substitute = false, compression = 'none' } = wish;
    const params = {
      derivation: derivation as StorePath,
      outputs,
      imports,
      limits: { timeout: 0, maxSilentTime: 0, maxLogSize: 0, ...limits },
      substitute,
      compression,
    };
    const events: RemoteEvent[] = [];
    const onItem = (event: RemoteEvent) => {
      events.push(event);
      wish.onEvent?.(event);
    };
    const cancelling = wish.signal === undefined ? {} : { signal: wish.signal };
    const { outcome } = await this.client.call('build', params, { onItem, ...cancelling });
    return { outcome, events, log: bytesOf(events, 'log').toString(), sent: bytesOf(events, 'piece') };
  }

  /** Sends an export stream, of which some pieces are on the way at once; gives its number, and what becomes of it. */
  import(bytes: Uint8Array, compression: Compression = 'none'): Import {
    const number = ++this.#lastImport;
    const taken = this.#send({ import: number, compression }, bytes);
    // A test may want to know of the build alone.
    taken.catch(() => undefined);
    return { number, taken };
  }

  async #send(
    wish: { readonly import: number; readonly compression: Compression },
    bytes: Uint8Array,
  ): Promise<unknown> {
    const answers: Promise<unknown>[] = [];
    for (let at = 0; at === 0 || at < bytes.length; at += longestPiece) {
      const data = bytes.subarray(at, at + longestPiece);
      const last = at + longestPiece >= bytes.length;
      answers.push(this.client.call('importPiece', { ...wish, data, last }));
      // Whatever is wrong with a piece, the last one tells.
      answers.at(-1)?.catch(() => undefined);
      await answers.at(-window)?.catch(() => undefined);
    }
    return answers.at(-1);
  }

  /** Ends it from the near side; gives the exit status of the far one. */
  async end(): Promise<number | null> {
    this.client.close();
    return this.exited;
  }
}

export interface FarMachine extends RunningTable {
  connect(): Promise<Connection>;
  /** Adds a derivation; gives its path, and it and all that it refers to as a signed export. Nothing of them stays. */
  makeExport(item: RecipeDerivation): Promise<{ readonly path: StorePath; readonly bytes: Buffer }>;
  export(paths: readonly StorePath[], sign?: boolean): Promise<Buffer>;
  /** Has everything removed that nothing keeps. */
  collect(): Promise<void>;
  isValid(path: StorePath): Promise<boolean>;
  outputsOf(derivation: string): Promise<Readonly<Record<string, StorePath>>>;
  /** What lies in the store's own corner, but for its lock and its journal. */
  staged(): string[];
  /** The ids of the processes called `cooper-remote`. */
  remotes(): number[];
}

/** Starts a machine; it ends with the test. */
export async function startFarMachine(
  t: Test,
  given: Readonly<Record<string, string | true>> = {},
  prepare: (settings: Settings) => void = () => undefined,
): Promise<FarMachine> {
  const table = await startTable(t, given, (settings) => {
    writeKeys(settings.directories.configuration);
    prepare(settings);
  });
  return { ...table, ...machineOf(t, table) };
}

function machineOf(t: Test, table: RunningTable): Omit<FarMachine, keyof RunningTable> {
  const { directory, store } = table;
  const collect = async () => {
    await store.call('releaseLeases', {});
    await store.call('collectGarbage', { action: 'delete-dead' });
  };
  const exportPaths = async (paths: readonly StorePath[], sign = true) => {
    const chunks: Buffer[] = [];
    const take = async (bytes: AsyncIterable<Buffer>) => {
      for await (const chunk of bytes) chunks.push(chunk);
    };
    await store.call('exportPaths', { paths, sign }, { onItem: (ticket) => receiveBytes(ticket, take) });
    return Buffer.concat(chunks);
  };
  return {
    collect,
    export: exportPaths,
    connect: () => connectTo(t, directory),
    makeExport: async (item) => {
      const path = (await table.add(item)) as StorePath;
      const { paths } = await store.call('queryClosure', { paths: [path] });
      const bytes = await exportPaths(paths);
      await collect();
      return { path, bytes };
    },
    isValid: async (path) => (await store.call('queryValidPaths', { paths: [path] })).paths.length === 1,
    outputsOf: async (derivation) => {
      const { outputs } = await store.call('queryDerivationOutputs', { paths: [derivation as StorePath] });
      return Object.fromEntries((outputs[0] ?? []).map(({ name, path }) => [name, path]));
    },
    staged: () =>
      readdirSync(`${directory}/store/.cooper`).filter((name) => name !== 'journal' && !/(^|-)lock$/.test(name)),
    remotes: () =>
      processesOf(directory)
        .filter(({ commandLine }) => commandLine.startsWith('cooper-remote'))
        .map(({ pid }) => pid),
  };
}

/** The code of the fault with which `work` fails; what it gives where it does not fail. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}

function writeKeys(directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/signing-key.sec`, printAdvanced(secret), { mode: 0o400 });
  writeFileSync(`${directory}/signing-key.pub`, printAdvanced(publicKey));
  writeFileSync(`${directory}/acl`, printAdvanced(authorise(emptyAccessList, publicKey).expression));
}

async function connectTo(t: Test, directory: string): Promise<Connection> {
  const words = ['remote', '--store-dir', `${directory}/store`, '--state-dir', `${directory}/state`];
  const child = spawn(cooper, words, { stdio: ['pipe', 'pipe', 'ignore'] });
  const stream = Duplex.from({ readable: child.stdout as never, writable: child.stdin as never });
  const connection = new Connection(child, await connect(remoteContract, stream, { client: 'a test' }));
  t.teardown(async () => void (await connection.end()));
  return connection;
}

function bytesOf(events: readonly RemoteEvent[], kind: 'log' | 'piece'): Buffer {
  return Buffer.concat(events.flatMap((event) => (event.event === kind ? [event.data] : [])));
}
