/** Requests that others follow, and requests that outlive their clients, with real processes behind them. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { SchedulerEvent, Snapshot } from '@cooper/contracts';
import t from 'tap';
import { type RunningTable, shell, startTable } from './running-table.ts';

/** A build that says that it runs, and ends when a file is there: nothing here depends on how long things take. */
function gated(table: RunningTable, name: string) {
  const source = `${table.directory}/gate`;
  mkdirSync(source, { recursive: true });
  chmodSync(source, 0o755);
  return {
    open: () => writeFileSync(`${source}/${name}`, ''),
    item: shell(name, `echo runs; while ! test -e /gate/${name}; do sleep 0.05; done; echo > $out`),
    options: { sandboxPaths: [{ target: Buffer.from('/gate'), source: Buffer.from(source) }] },
  };
}

async function snapshotWhere(table: RunningTable, holds: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  for (;;) {
    const snapshot = await table.scheduler.call('snapshot', {});
    if (holds(snapshot)) return snapshot;
    await delay(25);
  }
}

const builds = ({ goals }: Snapshot) => goals.some(({ state }) => state === 'building');

t.test('a request that is followed tells its follower what happens from then on, and how it ends', async (t) => {
  const table = await startTable(t);
  const { item, open, options } = gated(table, 'followed');
  const targets = [await table.add(item)];
  const made = table.scheduler.call('realise', { targets, mode: 'normal', options });
  const { requests } = await snapshotWhere(table, builds);
  const request = requests[0]?.request ?? 0;
  const events: SchedulerEvent[] = [];
  const other = await table.another();
  t.teardown(() => other.close());
  const follower = await other.scheduler();
  const onItem = (event: SchedulerEvent) => void events.push(event);
  const followed = follower.call('attach', { request }, { onItem });
  await follower.call('snapshot', {});
  open();
  t.same(await followed, await made);
  t.match(events.at(-1), { event: 'build-succeeded' });
  t.notOk(events.some(({ event }) => event === 'planned'));
  await t.rejects(follower.call('attach', { request }), { code: 'unknown-request' });
});

t.test('a follower that goes away cancels nothing', async (t) => {
  const table = await startTable(t);
  const { item, open, options } = gated(table, 'left');
  const made = table.scheduler.call('realise', { targets: [await table.add(item)], mode: 'normal', options });
  const { requests } = await snapshotWhere(table, builds);
  const leaving = new AbortController();
  const other = await table.another();
  const follower = await other.scheduler();
  const followed = follower.call('attach', { request: requests[0]?.request ?? 0 }, { signal: leaving.signal });
  await follower.call('snapshot', {});
  leaving.abort();
  await t.rejects(followed, { code: 'cancelled' });
  await other.close();
  open();
  t.equal((await made).exitStatus, 0);
});

t.test('a detached request goes on when its client has gone; `cancel` ends it', async (t) => {
  const table = await startTable(t);
  const { item, open, options } = gated(table, 'detached');
  const endless = gated(table, 'endless');
  const other = await table.another();
  const client = await other.scheduler();
  const wish = { mode: 'normal', options: { ...options, detached: true } } as const;
  const kept = client.call('realise', { targets: [await table.add(item)], ...wish });
  t.rejects(kept, { code: 'channel-closed' });
  await snapshotWhere(table, builds);
  await other.close();
  open();
  await snapshotWhere(table, ({ requests }) => requests.length === 0);
  const [derivation] = (await table.store.call('queryDerivations', { paths: [(await table.add(item)) as never] }))
    .derivations;
  t.same(derivation?.validOutputs, ['out']);

  const going = table.scheduler.call('realise', { targets: [await table.add(endless.item)], ...wish });
  const { requests } = await snapshotWhere(table, builds);
  t.same(await table.scheduler.call('cancel', { request: requests[0]?.request ?? 0 }), { cancelled: true });
  t.match(await going, { exitStatus: 1, message: 'the request was cancelled' });
});

t.test('what nobody can be asked about is not to be had', async (t) => {
  const { scheduler, directory } = await startTable(t);
  const path = `${directory}/store/00000000000000000000000000000000-nothing` as never;
  t.match(await scheduler.call('ensure', { paths: [path], options: {} }), {
    exitStatus: 1,
    results: [{ status: 'no-substituters' }],
    message: `path \`${path}' does not exist and cannot be created`,
  });
  t.same(await scheduler.call('querySubstitutes', { paths: [path] }), { infos: [null] });
});
