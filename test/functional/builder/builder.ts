/** A builder as a process of its own, in a place of its own, and jobs for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type BuildEvent, buildAgentContract, type Job, type Outcome } from '@cooper/contracts';
import { type Client, connect } from '@cooper/ipc';
import { removeTree } from '@cooper/nar-files';
import type { StorePath } from '@cooper/store-path';

const executable = fileURLToPath(new URL('../../../apps/builder/bin/cooper-builder', import.meta.url));
const programs = fileURLToPath(new URL('../../../native/launcher/build/test/', import.meta.url));

/** Directories of the host that a shell needs, and that are shown to builds that want one. */
const hostDirectories = ['/bin', '/usr', '/lib', '/lib64'].filter((directory) => existsSync(directory));

export const isRoot = process.getuid?.() === 0;

/** An ordinary user, as far as anybody knows. */
export const ordinary = { uid: 20_000, gid: 20_000 };

/** As whom builders are tested: root with its build users, and somebody with nothing but a user namespace. */
export const kinds: readonly (readonly [name: string, options: BuilderOptions])[] = isRoot
  ? [
      ['root', {}],
      ['an ordinary user', { as: ordinary }],
    ]
  : [['an ordinary user', {}]];

export interface BuilderOptions {
  /** As whom it runs; absent: as we do. */
  readonly as?: { readonly uid: number; readonly gid: number };
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The words of a command that runs it: what it finds on its machine. */
  readonly within?: readonly string[];
  /** The place of an earlier builder, to start another one in. */
  readonly base?: string;
}

/** A shell that does `lines` and then becomes the builder, for `within`. */
export const shell = (lines: string): readonly string[] => ['sh', '-ec', `${lines}\nexec "$0" "$@"`];

/** A record of a build that has ended is empty. */
function isFilled(record: string): boolean {
  return (statSync(record, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** What became of a job. */
export interface Done {
  readonly outcome: Outcome;
  readonly events: readonly BuildEvent[];
  /** The whole log that was streamed. */
  readonly log: Buffer;
}

export class TestBuilder {
  readonly base: string;
  readonly process: ChildProcess;
  readonly stderr: string[] = [];
  readonly #as: BuilderOptions['as'];
  readonly #client: Promise<Client<typeof buildAgentContract>>;

  constructor(options: BuilderOptions = {}) {
    this.#as = options.as;
    this.base = options.base ?? mkdtempSync(join(tmpdir(), 'builder-'));
    if (options.base === undefined) this.#layOut();
    this.process = this.#start(options);
    this.process.stderr?.on('data', (data: Buffer) => this.stderr.push(String(data)));
    const stream = Duplex.from({
      readable: this.process.stdout as Readable,
      writable: this.process.stdin as Writable,
    });
    stream.on('error', () => stream.destroy());
    this.#client = connect(buildAgentContract, stream, { client: 'test' });
    this.#client.catch(() => undefined);
  }

  #start({ within = [], words = [], environment, as }: BuilderOptions): ChildProcess {
    const own = [executable, `--store-dir=${this.store}`, `--state-dir=${this.base}/state`];
    const [program, ...rest] = [...within, ...own, ...words] as [string, ...string[]];
    return spawn(program, rest, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: this.base, TMPDIR: this.temporary, ...environment },
      ...as,
    });
  }

  get store(): string {
    return `${this.base}/store`;
  }

  get temporary(): string {
    return `${this.base}/tmp`;
  }

  #layOut(): void {
    chmodSync(this.base, 0o755);
    for (const name of ['store', 'store/.staging', 'state', 'tmp']) mkdirSync(join(this.base, name), { mode: 0o755 });
    chmodSync(this.temporary, 0o1777);
    cpSync(programs, `${this.store}/${'0'.repeat(32)}-tools`, { recursive: true });
    if (this.#as === undefined) return;
    for (const name of ['', 'store', 'store/.staging', 'state', 'tmp'])
      chownSync(join(this.base, name), this.#as.uid, this.#as.gid);
  }

  /** The store path of `name`. */
  path(name: string, hash = '0'): StorePath {
    return `${this.store}/${hash.repeat(32)}-${name}` as StorePath;
  }

  /** A job that runs a program of the launcher's tests, or of `changes`. */
  job(changes: Partial<Job> & { program?: string; words?: readonly string[] } = {}): Job {
    const { program = 'act', words = ['exit', '0'], ...rest } = changes;
    return {
      derivation: this.path('trial.drv', 'd'),
      mode: 'normal',
      system: 'x86_64-linux',
      builder: Buffer.from(`${this.path('tools')}/${program}`),
      args: words.map((word) => Buffer.from(word)),
      environment: [{ name: Buffer.from('out'), value: Buffer.from(this.path('trial', '1')) }],
      directoryVariables: ['NIX_BUILD_TOP', 'TMPDIR', 'TEMPDIR', 'TMP', 'TEMP', 'PWD'],
      files: [],
      inputs: [this.path('tools')],
      outputs: [{ name: 'out', path: this.path('trial', '1') }],
      directory: Buffer.from(this.#makeStaging()),
      sandbox: true,
      sandboxPaths: [],
      network: 'private',
      impersonateLinux26: false,
      limits: { timeout: 0, maxSilentTime: 0, maxLogSize: 0 },
      log: null,
      keepFailed: false,
      features: [],
      preferLocal: false,
      ...rest,
    };
  }

  /** A job that runs a script in a shell of the host. */
  script(text: string, changes: Partial<Job> = {}): Job {
    return this.job({
      builder: Buffer.from('/bin/sh'),
      args: ['-c', text].map((word) => Buffer.from(word)),
      environment: [
        { name: Buffer.from('PATH'), value: Buffer.from('/bin:/usr/bin') },
        { name: Buffer.from('out'), value: Buffer.from(this.path('trial', '1')) },
      ],
      sandboxPaths: hostDirectories.map((path) => ({ source: Buffer.from(path), target: Buffer.from(path) })),
      ...changes,
    });
  }

  #makeStaging(): string {
    const directory = mkdtempSync(`${this.store}/.staging/`);
    if (this.#as !== undefined) chownSync(directory, this.#as.uid, this.#as.gid);
    return directory;
  }

  /** Offers a job, and collects what is told of it. */
  async offer(
    job: Job,
    options: { signal?: AbortSignal; onItem?: (event: BuildEvent) => void | Promise<void> } = {},
  ): Promise<Done> {
    const events: BuildEvent[] = [];
    const client = await this.#client;
    const onItem = (event: BuildEvent) => {
      events.push(event);
      return options.onItem?.(event);
    };
    const { outcome } = await client.call('offer', { job }, { ...options, onItem });
    const log = Buffer.concat(events.flatMap((event) => (event.event === 'log' ? [Buffer.from(event.data)] : [])));
    return { outcome, events, log };
  }

  /** Says whether a build whose directory is held has failed. */
  async settle(held: number, failed: boolean): Promise<{ readonly keptDirectory?: Uint8Array }> {
    return await (await this.#client).call('settle', { held, failed });
  }

  /** What is left in the places where builds work: build directories, records, control groups. */
  leftovers(): readonly string[] {
    const records = `${this.base}/state/run/builds`;
    return [
      ...readdirSync(this.temporary).map((name) => `${this.temporary}/${name}`),
      ...(existsSync(records)
        ? readdirSync(records)
            .map((name) => `${records}/${name}`)
            .filter(isFilled)
        : []),
      ...controlGroupsOf(this.processId),
    ];
  }

  /** What the builder's own process has in memory, in MiB. */
  residentMemory(): number {
    const kilobytes = /VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${this.processId}/status`, 'utf8'))?.[1];
    return Number(kilobytes) / 1024;
  }

  /** The id of the builder's own process. */
  get processId(): number {
    return this.process.pid ?? 0;
  }

  /** Ends the builder, by a signal or by the end of its channel, and resolves when it has ended. */
  async stop(signal?: NodeJS.Signals): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const ended = new Promise<number | null>((resolve) => this.process.once('exit', resolve));
    if (signal === undefined) this.process.stdin?.destroy();
    else this.process.kill(signal);
    return await ended;
  }

  /** Ends the builder and removes its place. */
  async remove(): Promise<void> {
    await this.stop();
    removeTree(this.base);
  }
}

/** The control groups of builds of one builder that are still there, in any hierarchy. */
function controlGroupsOf(pid: number): readonly string[] {
  const hierarchies = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/pids', '/sys/fs/cgroup/systemd'];
  return hierarchies
    .filter((directory) => existsSync(directory))
    .flatMap((directory) =>
      readdirSync(directory)
        .filter((name) => name.startsWith(`cooper-build-${pid}-`))
        .map((name) => `${directory}/${name}`),
    );
}
