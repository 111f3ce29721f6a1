/** Every command of the documents is run, in a store of its own; those that cannot be say why. The recipe of README.md, too. */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { processesOf } from '../../support/process-tree.ts';
import { checkout, documentedCommands, executable } from './documented-commands.ts';
import { elsewhere, names, played, prelude } from './played-commands.ts';

t.setTimeout(240_000);

const documented = new Set(documentedCommands().map(({ text }) => text));
const known = [...Object.keys(played), ...Object.keys(elsewhere), ...names];

t.test('each is played, or it is said why not', async (t) => {
  t.same(
    [...documented].filter((text) => !known.includes(text)),
    [],
    'none is left out',
  );
  t.same(
    known.filter((text) => !documented.has(text)),
    [],
    'none is played that nobody reads of',
  );
});

const directory = mkdtempSync(join(tmpdir(), 'cooper-played-'));
const slow = `import { derivation } from '@cooper/recipe';
export const sandboxPaths = ['/bin', '/lib', '/lib64', '/usr'];
export default derivation({ name: 'slow', builder: '/bin/sh', args: ['-c', 'while :; do echo tick; /bin/sleep 1; done'] });
`;

function prepare(): NodeJS.ProcessEnv {
  // With root, some processes are other users.
  chmodSync(directory, 0o755);
  for (const name of ['bin', 'home']) mkdirSync(join(directory, name));
  symlinkSync(executable, join(directory, 'bin/cooper'));
  cpSync(join(checkout, 'examples/python-agents'), join(directory, 'agents'), { recursive: true });
  const [recipe = ''] =
    /^ {4}import \{ derivation, source \}(?:.|\n)*?^ {4}\}\);$/m.exec(readFileSync(`${checkout}README.md`, 'utf8')) ??
    [];
  writeFileSync(join(directory, 'recipe.ts'), recipe.replace(/^ {4}/gm, ''));
  writeFileSync(join(directory, 'slow.ts'), slow);
  writeFileSync(join(directory, 'greeting.txt'), 'hello\n');
  writeFileSync(join(directory, 'dead.txt'), 'dead\n');
  return {
    ...process.env,
    PATH: `${directory}/bin:${process.env['PATH']}`,
    HOME: `${directory}/home`,
    CHECKOUT: checkout.replace(/\/$/, ''),
    NIX_STORE_DIR: `${directory}/store`,
    GUIX_STATE_DIRECTORY: `${directory}/state`,
    CONFIGURATION: `${directory}/state/etc`,
  };
}

/** What a script prints. Throws, with what it said, when it fails. */
async function play(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', prelude + script], { cwd: directory, env });
  return stdout.trim();
}

t.test('they work', async (t) => {
  const env = prepare();
  t.teardown(async () => {
    // What a script that failed has left.
    spawnSync('kill', ['-KILL', ...processesOf(directory).map(({ pid }) => String(pid))]);
    // Directories of store items are read-only, which counts for all but root.
    spawnSync('chmod', ['-R', 'u+w', directory]);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  const OUT = await play('cooper build --file recipe.ts', env);
  const DRV = await play(`cooper store query --deriver ${OUT}`, env);
  for (const [text, script] of Object.entries(played))
    await t.resolves(play(script, { ...env, OUT, DRV }), `cooper ${text}`);
});
