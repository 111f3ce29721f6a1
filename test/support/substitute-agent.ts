/** A substitute agent for tests: a real process, with a place of its own, and somebody who takes what it fetches. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { toBytes } from '@cooper/byte-string';
import {
  type FetchOutcome,
  type SmallFetchItem,
  type SubstituteEvent,
  type SubstituteInfo,
  substituteContract,
} from '@cooper/contracts';
import { type Client, connect } from '@cooper/ipc';
import { authorise, emptyAccessList, printAdvanced, type SecretKey } from '@cooper/signature';
import type { StorePath } from '@cooper/store-path';
import type { Test } from 'tap';
import { temporaryDirectory } from './temporary-directory.ts';

const program = fileURLToPath(new URL('../../apps/substitute/bin/cooper-substitute', import.meta.url));

export interface AgentOptions {
  readonly urls?: readonly string[];
  readonly storeDir?: string;
  /** Keys that count. */
  readonly keys?: readonly SecretKey[];
  /** The list of keys, as it is in the file. */
  readonly accessList?: Uint8Array;
  readonly words?: readonly string[];
  readonly state?: string;
  /** Beside that of the test. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What came through a ticket. */
export interface Delivery {
  readonly outcome: FetchOutcome;
  readonly size: number;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  readonly events: readonly SubstituteEvent[];
}

export class RunningAgent {
  readonly state: string;
  readonly child: ChildProcess;
  readonly client: Promise<Client<typeof substituteContract>>;
  readonly warnings: string[] = [];
  log = '';
  readonly #bulk: Server;
  readonly #deliveries = new Map<string, { size: number; hash: ReturnType<typeof createHash>; ended: () => void }>();

  constructor(
    t: Test,
    {
      urls = [],
      storeDir = '/gnu/store',
      keys = [],
      accessList,
      words = [],
      state,
      environment = {},
    }: AgentOptions = {},
  ) {
    this.state = state ?? temporaryDirectory(t);
    mkdirSync(`${this.state}/etc`, { recursive: true });
    const list = keys.reduce((list, key) => authorise(list, key.publicKey.expression), emptyAccessList);
    writeFileSync(`${this.state}/etc/acl`, accessList ?? toBytes(printAdvanced(list.expression)));
    const own = [`--store-dir=${storeDir}`, `--state-dir=${this.state}`, `--substitute-urls=${urls.join(' ')}`];
    const env = { ...process.env, ...environment };
    this.child = spawn(program, [...own, ...words], { stdio: ['pipe', 'pipe', 'pipe'], env });
    this.child.stderr?.on('data', (data: Buffer) => (this.log += data.toString()));
    const { stdin, stdout } = this.child;
    if (stdin === null || stdout === null) throw new Error('the agent has no pipes');
    this.client = connect(substituteContract, Duplex.from({ readable: stdout, writable: stdin }), { client: 'a test' });
    this.#bulk = createServer((socket) => {
      let ticket: string | undefined;
      socket.on('error', () => undefined);
      socket.on('data', (data: Buffer) => {
        const rest = ticket === undefined ? data.subarray(data.indexOf(0x0a) + 1) : data;
        ticket ??= data.toString('latin1', 0, data.indexOf(0x0a));
        const delivery = this.#deliveries.get(ticket);
        if (delivery === undefined) return;
        delivery.size += rest.length;
        delivery.hash.update(rest);
      });
      socket.on('close', () => this.#deliveries.get(ticket ?? '')?.ended());
    }).listen(`${this.state}/bulk`);
    t.teardown(() => this.stop());
  }

  async query(paths: readonly string[], urls?: readonly string[]): Promise<readonly (SubstituteInfo | null)[]> {
    const params = { paths: paths as StorePath[], ...(urls === undefined ? {} : { urls: [...urls] }) };
    const onItem = (event: SubstituteEvent) => {
      if (event.event === 'warning') this.warnings.push(event.message);
    };
    return (await (await this.client).call('query', params, { onItem })).infos;
  }

  async fetch(info: Pick<SubstituteInfo, 'path' | 'narinfo' | 'url'>, urls?: readonly string[]): Promise<Delivery> {
    const ticket = randomBytes(16).toString('hex');
    const events: SubstituteEvent[] = [];
    const delivery = { size: 0, hash: createHash('sha256'), ended: () => {} };
    const ended = new Promise<void>((resolve) => (delivery.ended = resolve));
    this.#deliveries.set(ticket, delivery);
    const { path, narinfo, url } = info;
    const params = { path, narinfo, url, ticket: { socket: Buffer.from(`${this.state}/bulk`), ticket } };
    const { outcome } = await (await this.client).call(
      'fetch',
      { ...params, ...(urls === undefined ? {} : { urls: [...urls] }) },
      { onItem: (event) => void events.push(event) },
    );
    await ended;
    return { outcome, size: delivery.size, hash: delivery.hash.digest('hex'), events };
  }

  /** What became of each, in the order of `infos`. */
  async fetchSmall(
    infos: readonly (SubstituteInfo | null)[],
    urls?: readonly string[],
  ): Promise<readonly (Extract<SmallFetchItem, { tells: 'end' }> | undefined)[]> {
    const ends = new Map<string, Extract<SmallFetchItem, { tells: 'end' }>>();
    const wishes = infos.flatMap((info) => (info === null ? [] : [info]));
    const onItem = (item: SmallFetchItem) => {
      if (item.tells === 'end') ends.set(item.path, item);
    };
    await (await this.client).call(
      'fetchSmall',
      { wishes, ...(urls === undefined ? {} : { urls: [...urls] }) },
      { onItem },
    );
    return wishes.map(({ path }) => ends.get(path));
  }

  /** In bytes: the most that it has ever needed. */
  get peakMemory(): number {
    const text = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  }

  async stop(): Promise<void> {
    this.#bulk.close();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await ended;
    }
  }
}
