/** Checking, repeating, repairing and remembering builds, with real processes behind the scheduler. */
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { BuildMode, RequestOptions, SchedulerEvent } from '@cooper/contracts';
import { derivation, type RecipeDerivation } from '@cooper/recipe';
import t from 'tap';
import { type RunningTable, shell, startTable } from './running-table.ts';

/** Two outputs that are different every time. */
function varying(name: string): RecipeDerivation {
  const script = 'read seed < /proc/sys/kernel/random/uuid; echo $seed > $out; mkdir $doc; echo $seed > $doc/page';
  const env = { PATH: '/bin:/usr/bin' };
  return derivation({ name, builder: '/bin/sh', args: ['-c', script], outputs: ['out', 'doc'], env });
}

interface Wish {
  readonly mode?: BuildMode;
  readonly options?: RequestOptions;
}

/** Realises `target`; gives the result, and what was told meanwhile. */
async function realise({ scheduler }: RunningTable, target: string, { mode = 'normal', options = {} }: Wish = {}) {
  const events: SchedulerEvent[] = [];
  const onItem = (event: SchedulerEvent) => void events.push(event);
  const result = await scheduler.call('realise', { targets: [target], mode, options }, { onItem });
  const [target1] = result.results;
  return { ...result, status: target1?.status, outputs: target1?.outputs ?? [], events };
}

const begun = (events: readonly SchedulerEvent[]) => events.filter(({ event }) => event === 'build-started').length;
const failure = (events: readonly SchedulerEvent[]) => events.find((event) => event.event === 'build-failed');

/** Spoils the contents of a store item that is one file. */
function spoil(path: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, 'spoilt');
  chmodSync(path, 0o444);
}

for (const inPlace of [false, true]) {
  t.test(inPlace ? 'without a sandbox' : 'in a sandbox', async (t) => {
    const options: RequestOptions = inPlace ? { sandbox: false } : {};
    const skip = inPlace && process.getuid?.() === 0 ? 'root builds without a sandbox need a group of builders' : false;

    t.test('a check of what comes out the same', { skip }, async (t) => {
      const table = await startTable(t);
      const target = await table.add(shell('same', 'echo always > $out'));
      t.equal((await realise(table, target, { options })).exitStatus, 0);
      const { status, exitStatus, events } = await realise(table, target, { mode: 'check', options });
      t.same([status, exitStatus, begun(events)], ['built', 0, 1]);
      t.match(
        events.find(({ event }) => event === 'build-succeeded'),
        { checked: true },
      );
    });

    t.test('a check tells of every output that differs, and where', { skip }, async (t) => {
      const table = await startTable(t);
      const target = await table.add(varying('varying'));
      const { outputs } = await realise(table, target, { options });
      const mode = 'check';
      const { status, exitStatus, message, events } = await realise(table, target, {
        mode,
        options: { ...options, keepFailed: true },
      });
      t.same([status, exitStatus], ['not-deterministic', 1]);
      for (const { path } of outputs) {
        t.match(message, `output \`${path}' differs from \`${path}-check'`);
        t.ok(existsSync(`${path}-check`));
      }
      const files = failure(events)?.differences?.map(({ output, files }) => [output.name, files.map(String)]);
      t.same(files?.sort(), [
        ['doc', ['page']],
        ['out', ['']],
      ]);
    });

    t.test('a corrupt output is made again', { skip }, async (t) => {
      const table = await startTable(t);
      const target = await table.add(shell('fragile', 'echo precious > $out'));
      const path = `${(await realise(table, target, { options })).outputs[0]?.path}`;
      t.equal(begun((await realise(table, target, { mode: 'repair', options })).events), 0, 'nothing to repair');
      spoil(path);
      t.equal(begun((await realise(table, target, { options })).events), 0, 'nobody looks');
      const { exitStatus, events } = await realise(table, target, { mode: 'repair', options });
      t.same([exitStatus, begun(events)], [0, 1]);
      t.equal(readFileSync(path, 'utf8'), 'precious\n');
    });
  });
}

t.test('what was never built cannot be checked', async (t) => {
  const table = await startTable(t);
  const target = await table.add(shell('never', 'echo > $out'));
  const { exitStatus, message } = await realise(table, target, { mode: 'check' });
  t.equal(exitStatus, 1);
  t.equal(message, `\`${target}' is missing outputs; build it normally before using \`--check'`);
});

t.test('rounds', async (t) => {
  const table = await startTable(t);
  const same = await table.add(shell('same', 'echo always > $out'));
  const good = await realise(table, same, { options: { rounds: 3 } });
  t.same([good.exitStatus, begun(good.events)], [0, 3]);
  const varies = await table.add(varying('varies'));
  const bad = await realise(table, varies, { options: { rounds: 2 } });
  t.same([bad.status, bad.exitStatus, begun(bad.events)], ['not-deterministic', 1, 2]);
  t.match(failure(bad.events)?.message, /from previous round/);
  const left = readdirSync(`${table.directory}/store`).filter((name) => /varies$|varies-doc/.test(name));
  t.same(left, [], 'nothing of it is left');
});

t.test('repairing a path alone, and what refers to it', async (t) => {
  const table = await startTable(t);
  const lib = shell('lib', 'echo library > $out');
  const target = await table.add(shell('app', 'echo $lib > $out', { lib }));
  const app = `${(await realise(table, target)).outputs[0]?.path}`;
  const path = readFileSync(app, 'utf8').trim();
  spoil(path);
  const repaired = await table.scheduler.call('repair', { paths: [path as never], options: {} });
  t.equal(repaired.exitStatus, 0);
  t.equal(readFileSync(path, 'utf8'), 'library\n');
  spoil(path);
  const { exitStatus, events } = await realise(table, target, { mode: 'repair' });
  t.equal(exitStatus, 0);
  t.match(
    events.find(({ event }) => event === 'message'),
    { text: `found corrupted or missing path \`${path}' in the output closure of \`${target}'` },
  );
  t.equal(readFileSync(path, 'utf8'), 'library\n');
});

t.test('a build that has failed for good is not tried again, until that is forgotten', async (t) => {
  const table = await startTable(t, { 'cache-failures': true });
  const target = await table.add(shell('bad', 'exit 7'));
  const first = await realise(table, target);
  t.same([first.status, first.exitStatus, begun(first.events)], ['permanent-failure', 100, 1]);
  const { failures } = await table.store.call('queryFailedPaths', {});
  t.match(failures, [{ cause: /failed with exit code 7$/ }]);
  const again = await realise(table, target);
  t.same([again.status, again.exitStatus, begun(again.events)], ['cached-failure', 100, 0]);
  t.match(failure(again.events)?.message, /failed previously \(cached\)$/);
  await table.store.call('clearFailedPaths', {});
  t.equal((await realise(table, target)).status, 'permanent-failure');
  const slow = await table.add(shell('slow', 'sleep 600'));
  const limits = { timeout: 1, maxSilentTime: 0, maxLogSize: 0 };
  t.equal((await realise(table, slow, { options: { limits } })).exitStatus, 101);
  t.equal((await table.store.call('queryFailedPaths', {})).failures.length, 1, 'a limit says nothing for good');
});

t.test('with keep-failed, the directory of a build whose output is refused can be looked at', async (t) => {
  const table = await startTable(t);
  const target = await table.add(shell('forgetful', 'echo clue > clue'));
  const { status, events } = await realise(table, target, { options: { keepFailed: true } });
  t.equal(status, 'output-rejected');
  const kept = Buffer.from(failure(events)?.keptDirectory ?? []).toString();
  t.ok(readdirSync(kept, { recursive: true }).some((name) => String(name).endsWith('clue')));
});
