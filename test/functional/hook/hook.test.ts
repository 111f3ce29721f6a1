/** The adapter for the reference's build hook, with the real processes and hooks that are shell scripts. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { SchedulerEvent } from '@cooper/contracts';
import t, { type Test } from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { shell, startTable } from '../scheduler/running-table.ts';

const local = shell('job', 'echo built here > $out');

/** Has the derivation `item` built by a table whose hook is `script`; `$requests` in it is a file for what it reads. */
async function buildWith(t: Test, script: string, item = local) {
  const directory = temporaryDirectory(t);
  const requests = `${directory}/requests`;
  const program = `${directory}/guix`;
  writeFileSync(program, `#!/bin/sh\nrequests=${requests}\necho "$*" >> $requests\n${script}`);
  chmodSync(program, 0o755);
  const { scheduler, store, add } = await startTable(t, { 'build-hook': program });
  const target = await add(item);
  const events: SchedulerEvent[] = [];
  const { results, exitStatus } = await scheduler.call(
    'realise',
    { targets: [target], mode: 'normal', options: {} },
    { onItem: (event) => void events.push(event) },
  );
  const [result] = results;
  const output = `${result?.outputs[0]?.path}`;
  const lines = existsSync(requests) ? readFileSync(requests, 'utf8').split('\n').slice(0, -1) : [];
  return { target, events, exitStatus, status: result?.status, output, store, lines };
}

function textOf(events: readonly SchedulerEvent[], wanted: 'build-log' | 'agent-remark'): string {
  return events
    .flatMap((event) => (event.event === wanted && 'data' in event ? [Buffer.from(event.data).toString()] : []))
    .join('');
}

/** Reads a request, accepts, reads what there is to know of the job. */
const accepting = `
IFS= read -r request; echo "$request" >> $requests
echo "looking for a machine"; echo "# accept"
IFS= read -r inputs; IFS= read -r outputs
echo "inputs $inputs" >> $requests; echo "outputs $outputs" >> $requests
`;

t.test('a hook that accepts makes the outputs itself, and its descriptor 4 is the log', async (t) => {
  const script = `${accepting}
echo "one"; echo "two" >&2; echo "from far away" >&4
for output in $outputs; do echo "built there" > $output; done`;
  const { events, status, output, target, lines, exitStatus } = await buildWith(t, script);
  t.equal(status, 'built');
  t.equal(exitStatus, 0);
  t.equal(readFileSync(output, 'utf8'), 'built there\n');
  t.equal(textOf(events, 'build-log'), 'from far away\n');
  t.equal(textOf(events, 'agent-remark'), 'looking for a machine\none\ntwo\n');
  t.match(lines[0], /^offload [a-z0-9_]+-linux 3600 1 86400$/);
  t.match(lines.slice(1), [/^1 \S+-linux \S+ $/, `inputs ${target} `, `outputs ${output} `]);
  const started = events.find((event) => event.event === 'build-started');
  t.match(started, { agent: 'hook' });
  t.equal(gunzipSync(readFileSync(Buffer.from(started?.logFile ?? []))).toString(), 'from far away\n');
});

t.test('a hook that declines is asked again by the same process; the builds are done here', async (t) => {
  const script = 'while read -r request; do echo "$request" >> $requests; echo "# decline"; done';
  const { status, output, lines } = await buildWith(
    t,
    script,
    shell('top', 'read line < $below; echo $line, and so is this > $out', { below: local }),
  );
  t.equal(status, 'built');
  t.equal(readFileSync(output, 'utf8'), 'built here, and so is this\n');
  t.equal(lines.length, 3, 'one process was asked twice');
});

t.test('a hook that ends without a reply, or gives none that is known, is passed over', async (t) => {
  for (const script of ['exit 3', 'read -r request; echo "# perhaps"; read -r more']) {
    const { status, output } = await buildWith(t, script);
    t.equal(status, 'built');
    t.equal(readFileSync(output, 'utf8'), 'built here\n');
  }
});

t.test('exit code 100 is a failed build, others are failures of the hook', async (t) => {
  const failed = await buildWith(t, `${accepting}echo "no" >&4; exit 100`);
  t.equal(failed.status, 'permanent-failure');
  t.equal(failed.exitStatus, 100);
  const broken = await buildWith(t, `${accepting}echo "network is down" >&2; exit 1`);
  t.equal(broken.status, 'transient-failure');
  t.equal(broken.exitStatus, 1);
  t.match(
    broken.events.filter(({ event }) => event === 'build-failed'),
    [{ agentStatus: 256 }],
  );
  const late = await buildWith(t, `${accepting}exit 101`);
  t.equal(late.status, 'timed-out');
  t.equal(late.exitStatus, 101);
});

t.test('a job that prefers this machine is not offered to the hook', async (t) => {
  const item = shell('near', 'echo built here > $out', { preferLocalBuild: '1' });
  const { status, lines } = await buildWith(t, 'echo "# accept"', item);
  t.equal(status, 'built');
  t.same(lines, []);
});
