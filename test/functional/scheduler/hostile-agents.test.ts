/**
 * S79, S85, S88: a build agent that others supply lies, floods, sends bombs, dies, or says nothing. Each such job ends, with an
 * outcome or at another agent; nothing that it claims comes to be valid; others' builds go on, and the scheduler does not
 * grow.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { processesOf } from '../../support/process-tree.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { type RunningTable, shell, startTable } from './running-table.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'needs python3';

/** How much memory, in MiB, the scheduler may have come to hold: what one channel may keep is far below. */
const most = 300;

/** Jobs after which the agent is as before, and how they end. */
const outlived: Readonly<Record<string, string>> = {
  lie: 'output-rejected',
  'lie-elsewhere': 'output-rejected',
  'lie-of-store': 'output-rejected',
  'other-outcome': 'transient-failure',
  twice: 'built',
  unknown: 'built',
};

/** Jobs with which the agent ends, by itself or cut off. */
const fatal = ['gone', 'started-and-gone', 'huge', 'bomb', 'nonsense'];

/** Jobs that the agent keeps for ever: it neither answers nor reads. */
const kept = ['silent', 'flood'];

t.setTimeout(50_000);

/** A table that asks the hostile agent before its own builder, as soon as that has dialled in: it has. */
async function startHostileTable(t: Test): Promise<RunningTable> {
  const directory = temporaryDirectory(t);
  // The agent may be a user who cannot read where Cooper lies.
  chmodSync(directory, 0o777);
  cpSync(here('hostile-agent.py'), join(directory, 'hostile-agent.py'));
  cpSync(here('../../../examples/python-agents/messagepack.py'), join(directory, 'messagepack.py'));
  const asked = join(directory, 'asked');
  const table = await startTable(t, {}, ({ directories }) => {
    mkdirSync(directories.configuration, { recursive: true });
    const command = ['/usr/bin/env', 'python3', join(directory, 'hostile-agent.py'), asked];
    const processes = { hostile: { command, plain: true } };
    writeFileSync(join(directories.configuration, 'cooper.json'), JSON.stringify({ processes }));
  });
  for (let count = 0; !existsSync(asked); count++) await realise(table, `probe-${count}`);
  return table;
}

async function realise({ scheduler, add }: RunningTable, name: string, signal?: AbortSignal) {
  // What prefers this machine is not offered to others.
  const preference = name.startsWith('local') ? { preferLocalBuild: '1' } : {};
  const targets = [await add(shell(name, 'echo built > $out', preference))];
  const asked = { targets, mode: 'normal', options: {} } as const;
  return scheduler.call('realise', asked, signal === undefined ? {} : { signal });
}

/** What the scheduler holds in memory now, in MiB. */
function memoryOf({ directory }: RunningTable): number {
  const scheduler = processesOf(directory).find(({ commandLine }) =>
    /cooper-scheduler|apps\/scheduler\//.test(commandLine),
  );
  const status = readFileSync(`/proc/${scheduler?.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

async function isOffered({ scheduler }: RunningTable, name: string): Promise<boolean> {
  const { goals } = await scheduler.call('snapshot', {});
  return goals.some(({ path, agent }) => path.includes(name) && agent === 'hostile');
}

/** Has the agent play a trick; then builds something of which it does not know any. */
async function play(t: Test, table: RunningTable, trick: string, status: string): Promise<void> {
  const { results } = await realise(table, `trick-${trick}`);
  t.equal(results[0]?.status, status, `${trick}: ${results[0]?.message}`);
  const outputs = status === 'built' ? [] : (results[0]?.outputs.map(({ path }) => path) ?? []);
  t.same((await table.store.call('queryValidPaths', { paths: outputs })).paths, [], 'nothing that it claims is valid');
  t.equal((await realise(table, `after-${trick}`)).results[0]?.status, 'built', 'the next build is built');
}

t.test('lies, answers twice, answers what nobody asked', { skip }, async (t) => {
  const table = await startHostileTable(t);
  for (const [trick, status] of Object.entries(outlived)) await play(t, table, trick, status);
});

for (const trick of fatal)
  t.test(`ends: ${trick}`, { skip }, async (t) => {
    await play(t, await startHostileTable(t), trick, 'transient-failure');
  });

for (const trick of kept)
  t.test(`never ends: ${trick}`, { skip }, async (t) => {
    const table = await startHostileTable(t);
    const controller = new AbortController();
    const ended = realise(table, `trick-${trick}`, controller.signal).then(
      ({ results }) => results[0]?.status,
      ({ code }) => code,
    );
    while (!(await isOffered(table, `trick-${trick}`))) await delay(20);
    for (let count = 0; count < 5; count++)
      t.equal(
        (await realise(table, `local-${count}`)).results[0]?.status,
        'built',
        'what is not offered to it is built',
      );
    const held = memoryOf(table);
    t.ok(held < most, `the scheduler holds ${Math.round(held)} MiB`);
    controller.abort();
    t.equal(await ended, 'cancelled', 'the request can be taken back');
    t.equal((await realise(table, 'local')).results[0]?.status, 'built');
  });
