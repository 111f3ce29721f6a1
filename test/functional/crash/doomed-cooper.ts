/** A Cooper of its own, one process of which is killed at a moment that can be told from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processesOf } from '../../support/process-tree.ts';

const executable = fileURLToPath(new URL('../../../apps/cli/bin/cooper', import.meta.url));
const buildsInGraph = 16;

/** What can be killed, by how its command line begins. */
export const kinds = {
  supervisor: /^cooper-supervisor/,
  store: /^cooper-store/,
  scheduler: /^cooper-scheduler/,
  builder: /^cooper-builder/,
  substitute: /^cooper-substitute/,
  launcher: /native\/launcher\/build\/launcher$/,
  client: /apps\/cli\/src\/main\.ts build/,
} as const;

export type Kind = keyof typeof kinds;

/** What is going on when it is killed. */
export const moments = ['starting', 'talking', 'building', 'registering', 'any'] as const;

export type Moment = (typeof moments)[number];

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs, and how it ends. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** A graph of short builds, each after two earlier ones. `salt` makes all of it new. */
function recipeOf(salt: string): string {
  return `
import { derivation } from '@cooper/recipe';
import { existsSync } from 'node:fs';
export const sandboxPaths = ['/bin', '/usr', '/lib', '/lib64'].filter((path) => existsSync(path));
const nodes = [];
for (let n = 0; n < ${buildsInGraph}; n++) {
  const before = Object.fromEntries([n - 3, n - 7].filter((m) => m >= 0).map((m) => ['in' + m, nodes[m]]));
  const script = 'sleep 0.0' + (2 + (n % 4)) + '; mkdir $out; set > $out/set; echo ${salt} > $out/salt';
  nodes.push(derivation({ name: 'n' + n, builder: '/bin/sh', args: ['-c', script], env: { PATH: '/bin:/usr/bin', ...before } }));
}
export default nodes;
`;
}

export class DoomedCooper {
  readonly root: string;
  readonly store: string;
  readonly state: string;
  /** Where builds have their directories. */
  readonly temporary: string;
  readonly #cache: string;

  constructor(root: string) {
    this.root = root;
    this.store = join(root, 'store');
    this.state = join(root, 'state');
    this.temporary = join(root, 'tmp');
    const cache = join(root, 'cache');
    for (const directory of [this.temporary, cache]) mkdirSync(directory);
    writeFileSync(join(cache, 'nix-cache-info'), `StoreDir: ${this.store}\n`);
    this.#cache = `file://${cache}`;
  }

  /** Builds a graph that no other `salt` has. */
  build(salt: string): Started {
    const recipe = join(this.root, `recipe-${salt}.ts`);
    writeFileSync(recipe, recipeOf(salt));
    return this.start('build', '--file', recipe, '--max-jobs', '2', '--substitute-urls', this.#cache);
  }

  start(...words: readonly string[]): Started {
    const env = { ...process.env, TMPDIR: this.temporary };
    const places = ['--store-dir', this.store, '--state-dir', this.state];
    const child = spawn(executable, [...words, ...places], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    return { child, ended: endOf(child) };
  }

  /** Waits for `moment`, or until `ended`. */
  async comes(moment: Exclude<Moment, 'any'>, kind: Kind, { child, ended }: Started): Promise<void> {
    let isOver = false;
    const over = ended.then(() => {
      isOver = true;
    });
    if (moment === 'talking' && child.stderr !== null) await Promise.race([once(child.stderr, 'data'), over]);
    const isThere = {
      talking: () => true,
      starting: () => this.#find(kind) !== undefined,
      building: () => this.#find('launcher') !== undefined,
      registering: () => this.#isRegistering(),
    };
    while (!isOver && !isThere[moment]()) await turn();
  }

  /** Kills one process of this kind. False when there is none (any more). */
  kill(kind: Kind): boolean {
    const victim = this.#find(kind);
    if (victim === undefined) return false;
    try {
      return process.kill(victim, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  }

  #find(kind: Kind): number | undefined {
    return processesOf(this.root).find(({ commandLine }) => kinds[kind].test(commandLine))?.pid;
  }

  /** Whether the last that the store wrote down is the beginning of something. */
  #isRegistering(): boolean {
    try {
      const lines = readFileSync(join(this.store, '.cooper/journal'), 'latin1').trimEnd().split('\n');
      return lines.at(-1)?.startsWith('+') === true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** The items of the store directory, whether valid or not, by their paths, sorted. */
  items(): string[] {
    const names = readdirSync(this.store).filter((name) => !name.startsWith('.'));
    return names.map((name) => join(this.store, name)).sort();
  }
}

async function endOf(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}
