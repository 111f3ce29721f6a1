/** `cooper daemon` for a test: in a directory of its own, reached through its socket. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ByteString } from '@cooper/byte-string';
import { hashBytes } from '@cooper/hash';
import { makeTextPath, parseStorePath, type StorePath } from '@cooper/store-path';
import { WorkerClient, type WorkerClientOptions } from '@cooper/worker-client';
import type { Test } from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

export const cooperProgram = fileURLToPath(new URL('../../../apps/cli/bin/cooper', import.meta.url));

export class RunningDaemon {
  readonly root: string;
  readonly storeDir: string;
  readonly socket: string;
  readonly child: ChildProcess;
  readonly ended: Promise<number | string>;
  #log = '';

  /** `words` are further options; nothing is fetched unless they name caches. The process may be another user's, for whom directories are then told by hand. */
  constructor(t: Test, words: readonly string[] = [], own: SpawnOptions & { readonly root?: string } = {}) {
    const { root = temporaryDirectory(t), ...options } = own;
    this.root = root;
    this.storeDir = `${this.root}/store`;
    this.socket = `${this.root}/state/daemon-socket/socket`;
    const directories = [`--store-dir=${this.storeDir}`, `--state-dir=${this.root}/state`];
    const fetches = words.some((word) => word.startsWith('--substitute-urls='));
    const usual = ['--disable-chroot', '--no-offload', ...(fetches ? [] : ['--no-substitutes'])];
    const all = ['daemon', ...directories, ...usual, ...words];
    this.child = spawn(cooperProgram, all, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
    this.child.stderr?.on('data', (data) => (this.#log += String(data)));
    this.ended = once(this.child, 'exit').then(([code, signal]) => code ?? signal);
    t.teardown(() => this.stop('SIGKILL'));
  }

  /** What it has said. */
  get log(): string {
    return this.#log;
  }

  /** A client of this process's user, as soon as the daemon is there. */
  async connect(options: WorkerClientOptions = {}): Promise<WorkerClient> {
    while (!existsSync(this.socket)) {
      if (this.child.exitCode !== null) throw new Error(`the daemon has ended: ${this.log}`);
      await delay(20);
    }
    return WorkerClient.open(this.socket, options);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.ended;
  }

  /** The process ids of what it has started, by the names that the kernel has for them. */
  processes(): Map<string, number> {
    const pid = this.child.pid ?? 0;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return new Map(children.map((child) => [readFileSync(`/proc/${child}/comm`, 'utf8').trim(), Number(child)]));
  }

  /** The temporary roots that are held. */
  temporaryRoots(): string {
    const directory = `${this.root}/state/temproots`;
    return readdirSync(directory)
      .map((name) => readFileSync(`${directory}/${name}`, 'latin1'))
      .join('');
  }
}

export function addText(client: WorkerClient, name: string, text: string, references: readonly StorePath[] = []) {
  return client.request('add-text-to-store', {
    name: name as ByteString,
    text: Buffer.from(text),
    references,
  }) as Promise<StorePath>;
}

/** The path that a text gets. */
export function textPath(storeDir: string, name: string, text: string): StorePath {
  return makeTextPath({ storeDir, name, contentsHash: hashBytes('sha256', Buffer.from(text)), references: [] });
}

export function pathIn(storeDir: string, base: string): StorePath {
  return parseStorePath(storeDir, `${storeDir}/${base}`);
}
