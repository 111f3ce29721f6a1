import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { runTestFile } from './test-file.ts';

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

t.test('a file that prints nothing has failed', async (t) => {
  t.match(await run(''), { passed: 0, failed: 1 });
});

t.test('a file that does not end is killed, with what it started', async (t) => {
  const source = `
    import { spawn } from 'node:child_process';
    ${print('TAP version 14\nok 1 - a')}
    console.error(spawn('sleep', ['600']).pid);
    setInterval(() => {}, 1000);`;
  const result = await run(source, 3_000);
  t.match(result, { failed: 1 });
  const pid = Number(result.stderr);
  t.ok(pid > 0);
  // It takes a moment to die, and may stay as a zombie of whoever adopted it.
  for (let tries = 0; tries < 100 && isRunning(pid); tries++) await setTimeout(50);
  t.notOk(isRunning(pid));
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return false;
  }
}
