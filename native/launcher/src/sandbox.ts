/**
 * A sandbox for a test: a root with /etc, /tmp and a store, a build directory, and two inputs, all below one private
 * directory. The root is the directory itself, or, as the builder agent has it, in memory, with /tmp and the store from
 * that directory.
 */
import { type SpawnOptions, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Launch, launch } from './launch.ts';

const programs = fileURLToPath(new URL('../build/test/', import.meta.url));

/** Whose the sandbox is. `root` launches as root and builds as `uid`; `user` launches as `uid` with a user namespace. */
export interface Owner {
  readonly kind: 'root' | 'user';
  readonly uid: number;
  readonly gid: number;
}

/** Root, building as an id that nobody else has. */
export const rootOwner: Owner = { kind: 'root', uid: 30017, gid: 30018 };

/** Whoever runs the tests, or nobody when that is root. */
export const userOwner: Owner = isRoot()
  ? { kind: 'user', uid: 65534, gid: 65534 }
  : { kind: 'user', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Why the tests of an owner cannot run here; false when they can. Something else than the launcher has to be asked. */
export function reasonToSkip({ kind, uid, gid }: Owner): string | false {
  if (kind === 'root') return isRoot() ? false : 'SKIPPED: these tests need root';
  const ids = isRoot() ? { uid, gid } : {};
  const made = spawnSync('unshare', ['--user', '--map-root-user', 'true'], ids).status === 0;
  return made ? false : 'SKIPPED: unprivileged users may not make user namespaces here';
}

/** The ids that a builder in a user namespace sees as its own. */
export const innerUid = 30001;
export const innerGid = 30000;

export const store = '/gnu/store';
export const buildDirectory = '/tmp/guix-build-probe.drv-0';

/** Which program of test/programs to build with, and what to change in the specification. */
export interface Run {
  readonly program: string;
  readonly args?: readonly string[];
  readonly top?: Readonly<Record<string, unknown>>;
  readonly sandbox?: Readonly<Record<string, unknown>>;
  readonly mounts?: readonly Readonly<Record<string, unknown>>[];
}

/** Text as the specification carries bytes. */
export function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** One element of `mounts`. */
export function mount(source: string, target: string, readOnly = true): Record<string, unknown> {
  return { source: bytes(source), target: bytes(target), readOnly };
}

export type Layout = 'on disk' | 'in memory';

export class Sandbox {
  readonly owner: Owner;
  readonly layout: Layout;
  /** The private directory that everything else lies in. */
  readonly base: string;
  readonly root: string;
  readonly build: string;
  readonly inputs: string;

  constructor(owner: Owner, layout: Layout = 'on disk') {
    this.owner = owner;
    this.layout = layout;
    this.base = mkdtempSync(join(tmpdir(), 'launcher-'));
    this.root = join(this.base, 'root');
    this.build = join(this.base, 'build');
    this.inputs = join(this.base, 'inputs');
    chmodSync(this.base, 0o700);
    this.#layOut();
  }

  #layOut(): void {
    const { uid, gid, kind } = this.owner;
    const master = kind === 'root' ? 0 : uid;
    for (const name of ['etc', 'gnu']) this.#makeDirectory(join(this.root, name), 0o755, master, gid);
    this.#makeDirectory(join(this.root, 'tmp'), 0o1777, master, gid);
    this.#makeDirectory(join(this.root, store), 0o1775, master, gid);
    this.#makeDirectory(this.build, 0o700, uid, gid);
    this.#makeDirectory(join(this.base, 'mount-point'), 0o700, master, gid);
    writeFileSync(join(this.root, 'etc/hosts'), '127.0.0.1 localhost\n');
    this.#makeInputs(master, gid);
    this.#makeDirectory(this.root, kind === 'root' ? 0o750 : 0o555, master, gid);
    chownSync(this.base, master, gid);
  }

  #makeInputs(uid: number, gid: number): void {
    this.#makeDirectory(this.inputs, 0o755, uid, gid);
    this.#makeDirectory(join(this.inputs, 'tools'), 0o755, uid, gid);
    this.#makeDirectory(join(this.inputs, 'directory'), 0o755, uid, gid);
    cpSync(programs, join(this.inputs, 'tools'), { recursive: true });
    for (const name of ['directory/file', 'file']) {
      writeFileSync(join(this.inputs, name), 'input\n');
      chownSync(join(this.inputs, name), uid, gid);
      chmodSync(join(this.inputs, name), 0o444);
    }
  }

  #makeDirectory(path: string, mode: number, uid: number, gid: number): void {
    mkdirSync(path, { recursive: true });
    chmodSync(path, mode);
    chownSync(path, uid, gid);
  }

  /** A whole specification, as it is sent. */
  specification(run: Run): Record<string, unknown> {
    const { kind, uid, gid } = this.owner;
    const ids = kind === 'root' ? { uid, gid, groups: [] } : { uid: null, gid: null, groups: null };
    return {
      version: 1,
      builder: bytes(`${store}/tools/${run.program}`),
      args: [run.program, ...(run.args ?? [])].map(bytes),
      environment: [bytes('PATH=/path-not-set')],
      workingDirectory: bytes(buildDirectory),
      ...ids,
      sandbox: { ...this.#sandbox(run), ...run.sandbox },
      ...run.top,
    };
  }

  #sandbox(run: Run): Record<string, unknown> {
    const inputs = readdirSync(this.inputs).map((name) => mount(join(this.inputs, name), `${store}/${name}`));
    return {
      ...(this.layout === 'on disk' ? { root: bytes(this.root) } : this.#rootInMemory()),
      mounts: [...this.#bases(), mount(this.build, buildDirectory, false), ...inputs, ...(run.mounts ?? [])],
      devices: true,
      proc: true,
      network: 'private',
      userNamespace: this.owner.kind === 'user' ? { innerUid, innerGid } : null,
    };
  }

  #rootInMemory(): Record<string, unknown> {
    const isRoot = this.owner.kind === 'root';
    const hosts = { path: bytes('/etc/hosts'), contents: bytes('127.0.0.1 localhost\n'), mode: isRoot ? 0o644 : 0o444 };
    const root = isRoot ? { mode: 0o750, gid: this.owner.gid } : { mode: 0o555 };
    return { root: bytes(join(this.base, 'mount-point')), freshRoot: { ...root, files: [hosts] } };
  }

  #bases(): Record<string, unknown>[] {
    if (this.layout === 'on disk') return [];
    return ['/tmp', store].map((path) => ({ ...mount(join(this.root, path), path, false), base: true }));
  }

  /** How the launcher has to be started for this owner. */
  options(): SpawnOptions {
    const { kind, uid, gid } = this.owner;
    return kind === 'user' && isRoot() ? { uid, gid } : {};
  }

  /** Launches a program in this sandbox. */
  run(run: Run): Promise<Launch> {
    return launch(this.specification(run), this.options());
  }

  remove(): void {
    chmodSync(this.root, 0o700);
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** The lines `name: result` that the attackers write. */
export function results(output: string): Record<string, string> {
  const pairs = output
    .trimEnd()
    .split('\n')
    .map((line) => line.split(': '));
  return Object.fromEntries(pairs.map(([name = '', result = '']) => [name, result]));
}
