import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { installDependencies } from './dependencies.mjs';
import { compileNativePrograms } from './native-programs.mjs';
import { SetupProblem } from './step.mjs';
import { testPackages } from './test-packages.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** A folder with these files, gone after the test. */
function trial(t: { teardown(task: () => void): void }, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'set-up-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

t.test('a second run has nothing to do, and says nothing', async (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(here, 'set-up.mjs')], { encoding: 'utf8' });
  t.same({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
});

t.test('native programs are compiled when their sources are newer', async (t) => {
  const makefile = 'build/program: program.c\n\tmkdir -p build\n\techo once >> build/program\n';
  const root = trial(t, { 'native/one/Makefile': makefile, 'native/one/program.c': '', 'native/none/program.c': '' });
  const product = join(root, 'native/one/build/program');
  compileNativePrograms(root);
  const first = statSync(product).mtimeMs;
  compileNativePrograms(root);
  t.equal(statSync(product).mtimeMs, first);
  t.equal(readFileSync(product, 'utf8'), 'once\n');
});

t.test('a program that does not compile stops the set-up', async (t) => {
  const root = trial(t, { 'native/one/Makefile': 'all:\n\t@false\n' });
  t.throws(
    () => compileNativePrograms(root),
    new SetupProblem(`\`make --silent --no-print-directory -C ${root}/native/one' failed (exit code 2)`),
  );
});

/** A checkout whose only package is a Node of its own, so that npm needs no registry. */
function trialCheckout(t: { teardown(task: () => void): void }): string {
  const name = `node-${process.platform}-${process.arch}`;
  const node = { name, version: '1.0.0', bin: { node: 'bin/node' } };
  const manifest = { name: 'trial', workspaces: ['node'] };
  const packages = { '': manifest, node, [`node_modules/${name}`]: { resolved: 'node', link: true } };
  return trial(t, {
    'package.json': JSON.stringify(manifest),
    'package-lock.json': JSON.stringify({ name: 'trial', lockfileVersion: 3, packages }),
    'node/package.json': JSON.stringify(node),
    'node/bin/node': '',
  });
}

t.test('packages are installed when the lock file is new, and left alone while it stays', async (t) => {
  const root = trialCheckout(t);
  const stamp = join(root, 'node_modules/.installed');
  installDependencies(root);
  t.ok(existsSync(join(root, 'node_modules/.bin/node')));
  const first = statSync(stamp).mtimeMs;
  installDependencies(root);
  t.equal(statSync(stamp).mtimeMs, first);
  writeFileSync(join(root, 'package-lock.json'), `${readFileSync(join(root, 'package-lock.json'), 'utf8')}\n`);
  installDependencies(root);
  t.not(statSync(stamp).mtimeMs, first);
});

t.test('an install that leaves out the pinned Node is not taken for one', async (t) => {
  const lock = '{ "name": "trial", "lockfileVersion": 3, "packages": { "": { "name": "trial" } } }';
  const root = trial(t, { 'package.json': '{ "name": "trial" }', 'package-lock.json': lock });
  t.throws(() => installDependencies(root), new SetupProblem('npm did not install the pinned Node'));
  t.notOk(existsSync(join(root, 'node_modules/.installed')));
});

t.test('every program that only tests use says which tests', async (t) => {
  for (const { program, debian, tests } of testPackages) t.ok(program && debian && tests, program);
});
