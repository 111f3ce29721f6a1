/**
 * S92, killed at any moment: each kind of process of a running Cooper is killed while builds run. The command ends soon, no
 * process and no mount stays, what the database knows is on disk as recorded, and the next command builds everything.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { processesOf } from './process-tree.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root: builds as other users, in mounts of their own';
const executable = fileURLToPath(new URL('../../../apps/cli/bin/cooper', import.meta.url));
const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
const count = 60;
const soon = 15_000;

/** Numbers from 0 up to 1, the same for the same seed: a linear congruential generator (Numerical Recipes). */
function* numbers(state: number): Generator<number, never> {
  for (let next = state; ; ) {
    next = (Math.imul(next, 1_664_525) + 1_013_904_223) >>> 0;
    yield next / 2 ** 32;
  }
}

/** A graph of short builds, each after two earlier ones. `salt` makes all of it new. */
function recipeOf(salt: string): string {
  return `
import { derivation } from '@cooper/recipe';
import { existsSync } from 'node:fs';
export const sandboxPaths = ['/bin', '/usr', '/lib', '/lib64'].filter((path) => existsSync(path));
const nodes = [];
for (let n = 0; n < ${count}; n++) {
  const before = Object.fromEntries([n - 3, n - 7].filter((m) => m >= 0).map((m) => ['in' + m, nodes[m]]));
  const script = 'sleep 0.0' + (2 + (n % 4)) + '; mkdir $out; set > $out/set; echo ${salt} > $out/salt';
  nodes.push(derivation({ name: 'n' + n, builder: '/bin/sh', args: ['-c', script], env: { PATH: '/bin:/usr/bin', ...before } }));
}
export default nodes;
`;
}

const kinds: Readonly<Record<string, RegExp>> = {
  supervisor: /^cooper-supervisor/,
  store: /^cooper-store/,
  scheduler: /^cooper-scheduler/,
  builder: /^cooper-builder/,
  launcher: /native\/launcher\/build\/launcher$/,
  client: /apps\/cli\/src\/main\.ts/,
};

class Crash {
  readonly #root: string;
  readonly #words: readonly string[];
  readonly #temporary: string;
  readonly #recipe: string;

  constructor(root: string, salt: string) {
    this.#root = root;
    this.#temporary = join(root, 'tmp');
    this.#recipe = join(root, `recipe-${salt}.ts`);
    mkdirSync(this.#temporary, { recursive: true });
    writeFileSync(this.#recipe, recipeOf(salt));
    this.#words = ['--store-dir', join(root, 'store'), '--state-dir', join(root, 'state')];
  }

  start(): ChildProcess {
    const words = ['build', '--file', this.#recipe, '--max-jobs', '2', ...this.#words];
    const env = { ...process.env, TMPDIR: this.#temporary };
    return spawn(executable, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Kills one process of this kind. False when the run has none (any more). */
  kill(kind: string): boolean {
    const victim = processesOf(this.#root).find(({ commandLine }) => kinds[kind]?.test(commandLine));
    if (victim === undefined) return false;
    try {
      return process.kill(victim.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  }

  async checkNothingRuns(t: Test): Promise<void> {
    for (const deadline = Date.now() + soon; Date.now() < deadline && processesOf(this.#root).length > 0; )
      await delay(50);
    t.same(processesOf(this.#root), [], 'no process is left');
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    t.same(
      mounts.filter((line) => line.includes(this.#root)),
      [],
      'no mount is left',
    );
  }

  /** Everything in the store is known and as recorded, and no build directory is left. */
  checkStore(t: Test): void {
    const items = readdirSync(join(this.#root, 'store')).filter((name) => !name.startsWith('.'));
    const paths = items.map((name) => join(this.#root, 'store', name)).sort();
    const recorded = this.#run('store', 'query', '--hash', ...paths, ...this.#words);
    t.equal(recorded, this.#run('store', 'hash', ...paths), 'everything in the store is as recorded');
    t.same(readdirSync(this.#temporary), [], 'no build directory is left');
  }

  #run(...words: readonly string[]): string {
    const done = spawnSync(executable, words, { encoding: 'utf8' });
    return `${done.stderr}${done.stdout}`;
  }
}

async function endOf(child: ChildProcess): Promise<{ readonly status: number | null; readonly stderr: string }> {
  let stderr = '';
  child.stdout?.resume();
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stderr };
}

/** Starts a build, kills one process of this kind after `wait` milliseconds of building, and sees how all ends. */
async function killOnce(t: Test, crash: Crash, { kind, wait }: { readonly kind: string; readonly wait: number }) {
  const child = crash.start();
  const ended = endOf(child);
  if (child.stderr !== null) await Promise.race([once(child.stderr, 'data'), ended]);
  await delay(wait);
  const isKilled = crash.kill(kind);
  t.comment(`${kind} after ${Math.round(wait)} ms: ${isKilled ? 'killed' : 'there was none'}`);
  const end = await Promise.race([ended, delay(2 * soon, undefined, { ref: false })]);
  t.ok(end, 'the command ends');
  if (kind !== 'client' && end?.status !== 0) t.match(end?.stderr, /cooper: error: /, 'and says why');
  await crash.checkNothingRuns(t);
}

t.setTimeout(280_000);
t.comment(`SEED=${seed}`);
for (const kind of Object.keys(kinds))
  t.test(`a killed ${kind}`, { skip }, async (t) => {
    const random = numbers(seed);
    const crash = new Crash(temporaryDirectory(t), kind);
    for (let round = 0; round < 2; round++) await killOnce(t, crash, { kind, wait: random.next().value * 800 });
    const { status, stderr } = await endOf(crash.start());
    t.equal(status, 0, status === 0 ? 'the next command builds everything' : stderr.slice(-1000));
    await crash.checkNothingRuns(t);
    crash.checkStore(t);
  });
