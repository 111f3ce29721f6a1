/**
 * Substitutes with real processes: the agent is the example in Python, which knows nothing of Cooper but the contract.
 * What it fetches from is a directory, and what the store believes is what the key of that cache has signed.
 */
import { readFileSync } from 'node:fs';
import type { SchedulerEvent } from '@cooper/contracts';
import { parseDerivation } from '@cooper/derivation';
import type { RecipeDerivation } from '@cooper/recipe';
import type { StorePath } from '@cooper/store-path';
import t, { type Test } from 'tap';
import { Cache } from './cache.ts';
import { type RunningTable, shell, startTable } from './running-table.ts';

t.setTimeout(240_000);

async function start(t: Test) {
  const cache = new Cache(t);
  const table = await startTable(t, {}, ({ directories }) => cache.configure(directories.configuration));
  return { ...table, cache };
}

/** Adds a derivation; gives it and the path of its output. */
async function added(table: RunningTable, item: RecipeDerivation): Promise<readonly [StorePath, StorePath]> {
  const derivation = (await table.add(item)) as StorePath;
  const { derivations } = await table.store.call('queryDerivations', { paths: [derivation] });
  const { outputs } = parseDerivation(derivations[0]?.contents ?? new Uint8Array(), {
    storeDir: `${table.directory}/store`,
    path: derivation,
  });
  return [derivation, outputs.get('out')?.path as StorePath];
}

async function realise(table: RunningTable, target: string, options = {}) {
  const events: SchedulerEvent[] = [];
  const onItem = (event: SchedulerEvent) => void events.push(event);
  const result = await table.scheduler.call('realise', { targets: [target], mode: 'normal', options }, { onItem });
  return { ...result, events, kinds: events.map(({ event }) => event) };
}

const made = (name: string, more = {}) => shell(name, 'echo built > $out', more);

t.test('what a cache has is fetched with all that it refers to, and nothing is built', async (t) => {
  const table = await start(t);
  const [, lib] = await added(table, made('lib'));
  const [app, out] = await added(table, made('app', { lib: made('lib') }));
  table.cache.put({ path: lib, contents: 'fetched lib' });
  table.cache.put({ path: out, contents: `fetched ${lib}`, references: [lib, out] });
  const plan = await table.scheduler.call('plan', { targets: [app] });
  t.same(plan.build, []);
  t.same(plan.substitute.map(({ path }) => path).sort(), [lib, out].sort());
  t.ok(plan.substitute.every(({ narSize, downloadSize }) => narSize > 0 && downloadSize > 0));

  const { exitStatus, results, events, kinds } = await realise(table, app);
  t.match({ exitStatus, results }, { exitStatus: 0, results: [{ status: 'substituted' }] });
  t.equal(readFileSync(out, 'utf8'), `fetched ${lib}`);
  t.notOk(kinds.includes('build-started'));
  const fetched = events.flatMap((event) => (event.event === 'substitution-succeeded' ? [event.path] : []));
  t.same(fetched, [lib, out], 'references first');
  t.ok(kinds.includes('planned-substitutes') && kinds.includes('substitution-event'));
  const { infos } = await table.store.call('queryPathInfos', { paths: [out] });
  t.same(infos[0]?.references, [lib, out].sort());
});

t.test('what no cache has is built, and what one has only in part is fetched after that', async (t) => {
  const table = await start(t);
  const [, lib] = await added(table, made('lib'));
  const [app, out] = await added(table, made('app', { lib: made('lib') }));
  table.cache.put({ path: out, contents: `fetched ${lib}`, references: [lib] });
  const { exitStatus, kinds } = await realise(table, app);
  t.equal(exitStatus, 0);
  t.same([readFileSync(lib, 'utf8'), readFileSync(out, 'utf8')], ['built\n', `fetched ${lib}`]);
  t.equal(kinds.filter((kind) => kind === 'build-started').length, 1);
});

t.test('what is not what was signed is a failure, or built where the client says so', async (t) => {
  const table = await start(t);
  const [app, out] = await added(table, made('app'));
  table.cache.put({ path: out, contents: 'signed', sent: 'forged' });
  const failed = await realise(table, app);
  t.match(failed, {
    exitStatus: 1,
    results: [{ status: 'transient-failure' }],
    message: /^some substitutes for the outputs of derivation `.*-app\.drv' failed \(usually .*from source $/,
  });
  t.match(
    failed.events.find(({ event }) => event === 'substitution-failed'),
    { status: 'hash-mismatch', message: `hash mismatch for substituted item \`${out}'`, actual: /^sha256:/ },
  );
  t.equal((await realise(table, app, { fallback: true })).exitStatus, 0);
  t.equal(readFileSync(out, 'utf8'), 'built\n');
});

t.test('what nobody has signed is not believed', async (t) => {
  const table = await start(t);
  const [app, out] = await added(table, made('app'));
  table.cache.put({ path: out, contents: 'unsigned', isSigned: false });
  const { exitStatus, events } = await realise(table, app);
  t.equal(exitStatus, 1);
  t.match(
    events.find(({ event }) => event === 'substitution-failed'),
    { status: 'unauthorized-substitute' },
  );
});

t.test('a client may do without, and a derivation, too', async (t) => {
  const table = await start(t);
  const [app, out] = await added(table, made('app'));
  const [other, otherOut] = await added(table, made('other', { allowSubstitutes: '' }));
  table.cache.put({ path: out, contents: 'fetched' });
  table.cache.put({ path: otherOut, contents: 'fetched' });
  await realise(table, app, { substitutes: false });
  await realise(table, other);
  t.same([readFileSync(out, 'utf8'), readFileSync(otherOut, 'utf8')], ['built\n', 'built\n']);
});

t.test('an agent that is killed comes back, and nobody notices', async (t) => {
  const table = await start(t);
  const [app, out] = await added(table, made('app'));
  const [, other] = await added(table, made('other'));
  for (const path of [out, other]) table.cache.put({ path, contents: 'fetched' });
  t.equal((await realise(table, app)).results[0]?.status, 'substituted');
  process.kill(Number(readFileSync(`${table.cache.directory}/run/pid`, 'utf8')), 'SIGKILL');
  const { infos } = await table.scheduler.call('querySubstitutes', { paths: [other] });
  t.match(infos, [{ path: other, narSize: 120 }]);
  t.match(await table.scheduler.call('ensure', { paths: [other], options: {} }), {
    exitStatus: 0,
    results: [{ target: other, status: 'substituted' }],
  });
});

t.test('many requests for the same things: each is fetched once', async (t) => {
  const table = await start(t);
  const leaves = Array.from({ length: 6 }, (_, index) => made(`leaf${index}`));
  const paths = await Promise.all(leaves.map((leaf) => added(table, leaf)));
  const targets: StorePath[] = [];
  for (const [index, [, path]] of paths.entries()) {
    table.cache.put({
      path,
      contents: 'fetched',
      references: paths
        .slice(0, index)
        .map(([, other]) => other)
        .sort(),
    });
    targets.push(path);
  }
  const seen: SchedulerEvent[][] = [];
  const requests = Array.from({ length: 20 }, (_, index) => {
    const events: SchedulerEvent[] = [];
    seen.push(events);
    // Every other one with options of its own: these share no goals.
    const wish = {
      targets: [`${targets[index % 6]}`],
      mode: 'normal',
      options: { cores: 1 + (index % 2) },
    } as const;
    return table.scheduler.call('realise', wish, { onItem: (event) => void events.push(event) });
  });
  for (const { exitStatus } of await Promise.all(requests)) t.equal(exitStatus, 0);
  // A download is told to all that share its goal: to those with even numbers, or to the others.
  const downloads = new Set(seen.flatMap((events, index) => downloaded(events).map((path) => `${path} ${index % 2}`)));
  t.equal(downloads.size, 6);
});

function downloaded(events: readonly SchedulerEvent[]): readonly StorePath[] {
  return events.flatMap((event) =>
    event.event === 'substitution-event' && event.detail.event === 'downloading' ? [event.path] : [],
  );
}
