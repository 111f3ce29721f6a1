/** `cooper machines`, with real sshd processes: what is known of machines, and trying them. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { skip } from './far-machine.ts';
import { startFarm } from './farm.ts';

t.setTimeout(170_000);

const cooper = fileURLToPath(new URL('../../../apps/cli/bin/cooper', import.meta.url));

t.test('cooper machines: a table, and trials', { skip }, async (t) => {
  const farm = await startFarm(t, { good: {}, 'not-trusted': { isTrusted: false }, down: { entry: { port: 1 } } });
  const words = [
    `--store-dir=${farm.directory}/store`,
    `--state-dir=${farm.directory}/state`,
    `--machines-file=${farm.machinesFile}`,
  ];
  const run = (...command: string[]) => {
    const { status, stdout, stderr } = spawnSync(cooper, ['machines', ...command, ...words], { encoding: 'utf8' });
    return { status, stdout, text: stdout + stderr };
  };
  const one = run('check', 'good');
  t.equal(one.status, 0, one.text);
  t.match(one.text, /MACHINE +REACHED +LOAD +AUTHORISED-THERE +AUTHORISED-HERE +BUILD/);
  t.match(one.text, /good: a build was done, and its output taken in/);
  const all = run('check');
  t.equal(all.status, 1, all.text);
  t.match(all.text, /down: FAILED: .*Connection refused/);
  t.match(
    all.text,
    /not-trusted: FAILED: what it sent back is refused: .*`cooper authorize' here has its key believed/,
  );
  t.match(run().text, /good +connected +0\/1 .*\nnot-trusted +connected/);
  t.match(run('check', 'nobody'), {
    status: 1,
    text: /there is no machine `nobody'; there are: down, good, not-trusted/,
  });
  const json = run('check', 'good', '--json')
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  t.match(json.at(-1), { machine: 'good', step: 'build', succeeded: true });
});
