import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { runTestFile, stopTestFiles } from './test-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'test-file-'));
t.teardown(() => rmSync(folder, { recursive: true }));

async function run(source: string, timeout = 20_000) {
  const file = join(folder, 'trial.test.ts');
  writeFileSync(file, source);
  return runTestFile(file, { timeout });
}

const print = (tap: string) => `console.log(${JSON.stringify(tap)});`;

t.test('a file that passes', async (t) => {
  t.match(await run(print('TAP version 14\nok 1 - a\n1..1')), { passed: 1, failed: 0, failures: [] });
});

t.test('a file that prints a pass, then crashes, has failed, and what it wrote is kept', async (t) => {
  const result = await run(`${print('TAP version 14\nok 1 - a\n1..1')} throw new Error('late crash');`);
  t.match(result, { failed: 1, failures: [{ name: 'ended by exit code 1' }], stderr: /late crash/ });
});

t.test('a file sees nothing of the terminal and of nx', async (t) => {
  Object.assign(process.env, { FORCE_COLOR: '1', NX_TASK: 'x', ACCEPT: '0' });
  t.teardown(() => {
    for (const name of ['FORCE_COLOR', 'NX_TASK', 'ACCEPT']) delete process.env[name];
  });
  const { stderr } = await run('console.error(process.env.FORCE_COLOR, process.env.NX_TASK, process.env.ACCEPT);');
  t.equal(stderr, 'undefined undefined 0\n');
});

t.test('a file that prints nothing has failed', async (t) => {
  t.match(await run(''), { passed: 0, failed: 1 });
});

t.test('a file that does not end has failed', async (t) => {
  t.match(await run('setInterval(() => {}, 1000);', 500), { failed: 1, failures: [{ name: 'no end within 0.5 s' }] });
});

t.test('a file that is stopped is killed, with what it started', async (t) => {
  const marker = join(folder, 'started');
  const ended = run(`
    import { spawn } from 'node:child_process';
    import { renameSync, writeFileSync } from 'node:fs';
    writeFileSync('${marker}.new', String(spawn('sleep', ['600']).pid));
    renameSync('${marker}.new', '${marker}');`);
  await until(() => existsSync(marker));
  const pid = Number(readFileSync(marker, 'utf8'));
  t.ok(isRunning(pid));
  stopTestFiles();
  t.match(await ended, { failed: 1, failures: [{ name: 'ended by SIGKILL' }] });
  // It takes a moment to die, and may stay as a zombie of whoever adopted it.
  await until(() => !isRunning(pid));
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(20);
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return false;
  }
}
