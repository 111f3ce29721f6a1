import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startProcess } from '@cooper/system-calls';
import t from 'tap';
import { processEnd } from './process-end.ts';

const directory = t.testdir();
let last = 0;

/** Starts these lines of shell. */
function start(lines: string): number {
  const file = `${directory}/program-${++last}`;
  writeFileSync(file, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  const output = openSync('/dev/null', 'w');
  const { pid, channel } = startProcess(file, output);
  closeSync(output);
  closeSync(channel);
  return pid;
}

t.test('ends are told by exit code or by the name of a signal', async (t) => {
  t.same(await processEnd(start('exit 3')), { exitCode: 3, signal: null });
  t.same(await processEnd(start('kill -TERM $$')), { exitCode: null, signal: 'SIGTERM' });
  t.same(await processEnd(start('kill -40 $$')), { exitCode: null, signal: 'SIGRTMIN+6' });
});

t.test('many that end together are all told', async (t) => {
  const ends = await Promise.all(Array.from({ length: 20 }, (_, code) => processEnd(start(`sleep 0.2; exit ${code}`))));
  t.same(
    ends.map(({ exitCode }) => exitCode),
    Array.from({ length: 20 }, (_, code) => code),
  );
});

t.test('a process that waits for nothing else stays until it has the end, and no longer', async (t) => {
  const file = fileURLToPath(new URL('process-end.ts', import.meta.url));
  const addon = import.meta.resolve('@cooper/system-calls');
  const program = `
    import { openSync } from 'node:fs';
    import { startProcess } from ${JSON.stringify(addon)};
    import { processEnd } from ${JSON.stringify(file)};
    const { pid } = startProcess(process.argv[1], openSync('/dev/null', 'w'));
    console.log(JSON.stringify(await processEnd(pid)));`;
  const slow = `${directory}/slow`;
  writeFileSync(slow, '#!/bin/sh\nsleep 0.3; exit 5\n', { mode: 0o755 });
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program, slow], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  t.equal(stdout, '{"exitCode":5,"signal":null}\n');
  t.equal(status, 0);
});
