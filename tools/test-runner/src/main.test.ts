import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';

const folder = mkdtempSync(join(tmpdir(), 'test-runner-'));
t.teardown(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'project'));
writeFileSync(
  join(folder, 'project/trial.test.ts'),
  `import { existsSync, writeFileSync } from 'node:fs';
   const before = existsSync('ran');
   writeFileSync('ran', '');
   console.log('TAP version 14', before ? '\\nok 1 - second' : '\\nnot ok 1 - first', '\\n1..1');`,
);

function run(ci: string | undefined) {
  rmSync(join(folder, 'ran'), { force: true });
  const { CI: _, ...environment } = process.env;
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), 'project'], {
    cwd: folder,
    env: { ...environment, ...(ci === undefined ? {} : { CI: ci }) },
    encoding: 'utf8',
  });
  const summary = JSON.parse(readFileSync(join(folder, 'dist/test-results/project/summary.json'), 'utf8'));
  return { status, stdout, summary };
}

t.test('a failure is a failure', async (t) => {
  const { status, stdout, summary } = run(undefined);
  t.equal(status, 1);
  t.match(summary, { passed: 0, failed: 1, unsteady: [] });
  t.notMatch(stdout, 'once more');
});

t.test('in CI a file that failed is run once more, and what failed first is kept', async (t) => {
  const { status, stdout, summary } = run('true');
  t.equal(status, 0);
  t.match(summary, { passed: 1, failed: 0, unsteady: [/not ok first/] });
  t.match(stdout, /FAILED project\/trial.test.ts.*once more, alone: ok project\/trial.test.ts/s);
});
