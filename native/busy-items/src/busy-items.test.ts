/** What busy-items finds of a process of ours, and how it is served. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';

t.setTimeout(120_000);

const program = fileURLToPath(new URL('../build/cooper-busy-items', import.meta.url));
const root = mkdtempSync(`${tmpdir()}/cooper-busy-`);
t.teardown(() => rmSync(root, { recursive: true }));
const storeDir = `${root}/store`;
const digits = '0123456789abcdfghijklmnpqrsvwxyz';
const item = (name: string) => `${storeDir}/${digits}-${name}`;

/** What is found, as pairs; the empty one at the end is taken off. */
function find(): readonly (readonly [string, string])[] {
  const { stdout, status } = spawnSync(program, [`--store-dir=${storeDir}`], {
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  });
  const words = stdout.split('\0').slice(0, -1);
  const pairs = Array.from(
    { length: words.length / 2 },
    (_, at) => [words[2 * at] ?? '', words[2 * at + 1] ?? ''] as const,
  );
  t.equal(status, 0);
  t.strictSame(pairs.pop(), ['', '']);
  return pairs;
}

async function startBusy(env: Readonly<Record<string, string>>): Promise<ChildProcess> {
  mkdirSync(`${item('program')}/bin`, { recursive: true });
  mkdirSync(item('directory'), { recursive: true });
  writeFileSync(item('open'), 'open');
  const executable = `${item('program')}/bin/sleep`;
  copyFileSync('/bin/sleep', executable);
  chmodSync(executable, 0o755);
  const open = openSync(item('open'), 'r');
  const child = spawn(executable, ['3600'], {
    stdio: ['ignore', open, 'ignore'],
    env: { ...env },
    cwd: item('directory'),
  });
  // An item is told once, of whoever uses it: that must not be us.
  closeSync(open);
  await once(child, 'spawn');
  return child;
}

t.test('all that a process uses', async (t) => {
  const long = `${'x'.repeat(70_000)}:${item('behind-the-first-piece')}/bin`;
  const child = await startBusy({
    ONE: `${item('first')}/bin:${item('second.1')}`,
    LONG: long,
    NOT: `${storeDir}/short-name`,
  });
  t.teardown(() => child.kill());
  const wanted = ['program', 'directory', 'open', 'first', 'second.1', 'behind-the-first-piece'].map(item).sort();
  let found: readonly string[] = [];
  for (const deadline = Date.now() + 30_000; found.length < wanted.length && Date.now() < deadline; await delay(50)) {
    const own = find().filter(([name]) => name.startsWith(`/proc/${child.pid}/`));
    found = [...new Set(own.map(([, path]) => path))].sort();
  }
  t.strictSame(found, wanted);
});

t.test('paths that lie on the border of two pieces', async (t) => {
  // The environment of a process is read in pieces of 64 KiB: the path comes to lie everywhere around the border.
  for (const before of [
    65_536 - 3,
    65_536 - storeDir.length,
    65_536 - storeDir.length - 20,
    65_536 - storeDir.length - 38,
  ]) {
    const child = await startBusy({ A: `${'x'.repeat(before - 2)}${item('border')}` });
    let found = false;
    for (const deadline = Date.now() + 30_000; !found && Date.now() < deadline; await delay(50)) {
      found = find().some(([name, path]) => name === `/proc/${child.pid}/environ` && path === item('border'));
    }
    child.kill();
    await once(child, 'exit');
    t.ok(found, `${before} bytes before it`);
  }
});

t.test('a command line that makes no sense', async (t) => {
  t.equal(spawnSync(program, []).status, 64);
  t.equal(spawnSync(program, ['--store-dir=relative']).status, 64);
});
