/** Requests of the scheduler with real processes behind it: shared work, failures, cancelling, what it says meanwhile. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { SchedulerEvent } from '@cooper/contracts';
import type { RecipeDerivation } from '@cooper/recipe';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { type RunningTable, shell, startTable } from './running-table.ts';

/** Every build writes a line to the log of its own: how many there were is how many were done. */
const started = (events: readonly SchedulerEvent[]) =>
  events.flatMap((event) => (event.event === 'build-started' ? [event.derivation] : []));

t.test('many requests over one graph: every derivation is built once', async (t) => {
  const { scheduler, add } = await startTable(t, { 'max-jobs': '2' });
  const layers: RecipeDerivation[][] = [];
  for (let layer = 0; layer < 4; layer++) {
    const below = layers.at(-1) ?? [];
    const inputs = Object.fromEntries(below.map((item, index) => [`input${index}`, item]));
    layers.push([0, 1, 2].map((index) => shell(`n${layer}-${index}`, 'echo made; echo > $out', inputs)));
  }
  const targets = await Promise.all((layers.at(-1) ?? []).map(add));
  const seen: SchedulerEvent[][] = [];
  const requests = Array.from({ length: 20 }, (_, index) => {
    const events: SchedulerEvent[] = [];
    seen.push(events);
    const wanted = [`${targets[index % targets.length]}`];
    return scheduler.call(
      'realise',
      { targets: wanted, mode: 'normal', options: {} },
      { onItem: (event) => void events.push(event) },
    );
  });
  const results = await Promise.all(requests);
  t.same(
    results.map(({ exitStatus }) => exitStatus),
    results.map(() => 0),
  );
  t.equal(new Set(seen.flatMap(started)).size, 12, 'all of the graph');
  const logs = seen.flat().filter((event) => event.event === 'build-succeeded').length;
  t.ok(logs >= 12, 'whoever waits for a build hears of it');
  const again = await scheduler.call('realise', { targets, mode: 'normal', options: {} });
  t.same(
    again.results.map(({ status }) => status),
    ['already-valid', 'already-valid', 'already-valid'],
  );
});

t.test('a failing input fails what needs it, with the status of the reference', async (t) => {
  const { scheduler, add } = await startTable(t);
  const bad = shell('bad', 'echo going wrong >&2; exit 3');
  const top = await add(shell('top', 'echo > $out', { bad }));
  const events: SchedulerEvent[] = [];
  const result = await scheduler.call(
    'realise',
    { targets: [top], mode: 'normal', options: {} },
    { onItem: (event) => void events.push(event) },
  );
  t.equal(result.exitStatus, 100);
  t.match(result.message, /^build of `.*-top\.drv' failed$/);
  t.match(result.results, [{ status: 'dependency-failed', message: /1 dependencies couldn't be built$/ }]);
  const failure = events.find((event) => event.event === 'build-failed');
  t.match(failure, {
    status: 'permanent-failure',
    exitCode: 3,
    message: /^builder for `.*-bad\.drv' failed with exit code 3$/,
  });
  const log = events
    .flatMap((event) => (event.event === 'build-log' ? [Buffer.from(event.data).toString()] : []))
    .join('');
  t.equal(log, 'going wrong\n');
});

t.test('a request that is cancelled kills its build, and leaves nothing', async (t) => {
  const { scheduler, add, directory } = await startTable(t);
  const slow = await add(shell('slow', 'echo begun; sleep 600; echo > $out'));
  const controller = new AbortController();
  const request = scheduler.call(
    'realise',
    { targets: [slow], mode: 'normal', options: {} },
    { signal: controller.signal, onItem: (event) => (event.event === 'build-log' ? controller.abort() : undefined) },
  );
  await t.rejects(request, { code: 'cancelled' });
  for (let wait = 0; wait < 100 && (await scheduler.call('snapshot', {})).goals.length > 0; wait++) await delay(50);
  t.same((await scheduler.call('snapshot', {})).goals, []);
  const visible = readdirSync(`${directory}/store`).filter((name) => !name.startsWith('.') && !name.endsWith('.drv'));
  t.same(visible, [], 'no output, no lock, no staging');
});

t.test('what is going on can be watched, and cancelled by another client', async (t) => {
  const { scheduler, add, another } = await startTable(t);
  const slow = await add(shell('watched', 'sleep 600'));
  const waiting = await add(shell('zwaiting', 'echo > $out'));
  const options = { client: { name: 'somebody' } };
  const request = scheduler.call('realise', { targets: [slow, waiting], mode: 'normal', options });
  const table = await another();
  t.teardown(() => table.close());
  const other = await table.scheduler();
  for (let wait = 0; wait < 200; wait++) {
    const { goals } = await other.call('snapshot', {});
    if (goals.some(({ state }) => state === 'building')) break;
    await delay(25);
  }
  const { goals, requests, slots } = await other.call('snapshot', {});
  t.match(
    goals.find(({ path }) => path === slow),
    { state: 'building', agent: 'builder', waits: null },
  );
  t.match(
    goals.find(({ path }) => path === waiting),
    { state: 'slot-wanted', waits: { for: 'slot' } },
  );
  t.same(slots, { builds: 1, maxBuilds: 1, substitutions: 0, maxSubstitutions: 8 });
  t.match(requests, [{ client: 'somebody', targets: [slow, waiting] }]);
  t.same(await other.call('cancel', { request: requests[0]?.request ?? 0 }), { cancelled: true });
  t.equal((await request).exitStatus, 1);
});

t.test('a plan says what would be built, and builds nothing', async (t) => {
  const { scheduler, add, store } = await startTable(t);
  const one = shell('one', 'echo > $out');
  const two = await add(shell('two', 'echo > $out', { one }));
  const { build, valid, unknown } = await scheduler.call('plan', { targets: [two] });
  t.equal(build.length, 2);
  t.same([valid, unknown], [[], []]);
  const infos = await store.call('queryDerivations', { paths: build });
  t.ok(infos.derivations.every(({ validOutputs }) => validOutputs.length === 0));
});

t.test('closures are described to the builds that ask for it', async (t) => {
  const { scheduler, add } = await startTable(t);
  const leaf = shell('leaf', 'echo leaf > $out');
  const tree = shell('tree', 'echo $leaf > $out', { leaf });
  const target = await add(
    shell('described', 'while read line; do echo "$line"; done < graph > $out', {
      exportReferencesGraph: `graph ${tree}`,
    }),
  );
  const { results, exitStatus } = await scheduler.call('realise', { targets: [target], mode: 'normal', options: {} });
  t.equal(exitStatus, 0, JSON.stringify(results));
  const text = readFileSync(`${results[0]?.outputs[0]?.path}`, 'utf8');
  t.match(text, /^\S+-leaf\n\n0\n/m);
  t.match(text, /^\S+-tree\n\n1\n\S+-leaf\n/m);
});

t.test('what is no target is refused by name', async (t) => {
  const { scheduler } = await startTable(t);
  for (const target of ['hello', '/etc/passwd', '']) {
    const call = scheduler.call('realise', { targets: [target], mode: 'normal', options: {} });
    await t.rejects(call, { code: 'invalid-target' });
  }
});

t.test('what a request made can be collected when it has ended, whatever others do', async (t) => {
  const { scheduler, store, add } = await startTable(t, { 'max-jobs': '2' });
  const realise = (target: string, signal?: AbortSignal) =>
    scheduler.call(
      'realise',
      { targets: [target], mode: 'normal', options: {} },
      signal === undefined ? {} : { signal },
    );
  const shared = shell('shared', 'echo > $out');
  const [kept, made] = [await add(shell('kept', 'sleep 60', { shared })), await add(shell('made', 'echo > $out'))];
  const { paths: outputs } = await store.call('queryClosure', { paths: [kept as StorePath, made as StorePath] });
  const ending = new AbortController();
  const long = realise(kept, ending.signal);
  await realise(made);
  await store.call('releaseLeases', {});
  const freed = await collect(store);
  t.ok(freed.some((path) => path.endsWith('-made')) && freed.includes(made as StorePath));
  t.notOk(
    freed.some((path) => outputs.includes(path) && path !== made),
    'what is being built keeps what it needs',
  );
  ending.abort();
  await t.rejects(long, { code: 'cancelled' });
});

async function collect(store: RunningTable['store']): Promise<readonly StorePath[]> {
  const freed: StorePath[] = [];
  await store.call('collectGarbage', { action: 'delete-dead' }, { onItem: ({ paths }) => void freed.push(...paths) });
  return freed;
}
