/** What is left to a program behind confine, as /proc has it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const confine = fileURLToPath(new URL('../build/confine', import.meta.url));
const isRoot = process.getuid?.() === 0;

function statusOf(...options: string[]): Map<string, string> {
  const text = execFileSync(confine, [...options, '--', 'cat', '/proc/self/status'], { encoding: 'utf8' });
  return new Map(text.split('\n').map((line) => line.split(':\t') as [string, string]));
}

t.test('root keeps what is listed, and nothing else', { skip: !isRoot && 'NOT ROOT: skipped' }, async (t) => {
  const status = statusOf('--keep-capabilities', 'chown,fowner');
  const kept = '0000000000000009';
  t.equal(status.get('CapBnd'), kept);
  t.equal(status.get('CapPrm'), kept);
  t.equal(status.get('CapEff'), kept);
  t.equal(status.get('CapInh'), '0000000000000000');
  t.equal(status.get('CapAmb'), '0000000000000000');
  t.equal(status.get('NoNewPrivs'), '1');
});

t.test('without a list nothing is left', { skip: !isRoot && 'NOT ROOT: skipped' }, async (t) => {
  const status = statusOf();
  t.equal(status.get('CapBnd'), '0000000000000000');
  t.equal(status.get('CapEff'), '0000000000000000');
  const chown = spawnSync(confine, ['--', 'chown', '1', '/proc/self/cwd'], { encoding: 'utf8' });
  t.not(chown.status, 0);
});

t.test('bad usage is refused by name', async (t) => {
  const unknown = spawnSync(confine, ['--keep-capabilities', 'chown,flying', '--', 'true'], { encoding: 'utf8' });
  t.equal(unknown.status, 64);
  t.match(unknown.stderr, /flying/);
  t.equal(spawnSync(confine, ['true']).status, 64);
  t.equal(spawnSync(confine, ['--', '/no/such/program']).status, 127);
  t.equal(spawnSync(confine, ['--', 'sh', '-c', 'exit 5']).status, 5);
});
