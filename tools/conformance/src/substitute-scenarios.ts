/** What holds for every substitute agent: it offers what its caches have, and delivers just that. */
import { type FetchOutcome, type SubstituteInfo, substituteContract } from '@cooper/contracts';
import { type Client, connect } from '@cooper/ipc';
import { parseNarinfo } from '@cooper/narinfo';
import type { StorePath } from '@cooper/store-path';
import { type CachedItem, expectedInfo, makeCache } from './cache.ts';
import type { Place } from './place.ts';
import type { Scenario } from './scenario.ts';
import { type Delivery, TrialBulk } from './trial-bulk.ts';
import { must, same, shown } from './violation.ts';
import { wireScenarios } from './wire-scenarios.ts';

type Agent = Client<typeof substituteContract>;

export function substituteScenarios(place: Place): Scenario<unknown>[] {
  const cache = makeCache(place);
  const scenario = (name: string, about: string, run: (agent: Agent, bulk: TrialBulk) => Promise<void>) => ({
    name,
    about,
    run: async ({ stream }: Parameters<Scenario<unknown>['run']>[0]) => {
      using bulk = await TrialBulk.listen(place);
      await run(await connect(substituteContract, stream, { client: 'conformance' }), bulk);
    },
  });
  const unknown = (index: number) => `${place.store}/${String(index).padStart(32, '0')}-unknown` as StorePath;
  return [
    ...wireScenarios(substituteContract, { method: 'query', params: { paths: [] }, field: 'paths', wrong: 'all' }),
    scenario('answers-nothing-for-nothing', 'no paths, no infos', async (agent) => {
      must((await query(agent, [])).length === 0, 'there are infos');
    }),
    scenario('offers-what-there-is', 'an item of the cache is offered as its narinfo says', async (agent) => {
      for (const item of [cache.small, cache.tree, cache.large]) mustOffer(item, (await query(agent, [item.path]))[0]);
    }),
    scenario('gives-the-narinfo', 'the narinfo is passed as it is, signature and all', async (agent) => {
      const [info] = await query(agent, [cache.tree.path]);
      const narinfo = parseNarinfo(place.store, info?.narinfo ?? Buffer.alloc(0));
      must(narinfo.path === cache.tree.path, `the narinfo is that of ${narinfo.path}`);
      must(Buffer.from(info?.narinfo ?? []).equals(cache.tree.narinfo), 'the narinfo is not the one of the cache');
    }),
    scenario('answers-in-order', 'infos come in the order asked, nil for what no cache has', async (agent) => {
      const { small, tree } = cache;
      const infos = await query(agent, [unknown(1), tree.path, unknown(2), small.path, tree.path]);
      const paths = infos.map((info) => info?.path ?? null);
      must(same(paths, [null, tree.path, null, small.path, tree.path]), `it answers ${shown(paths)}`);
    }),
    scenario('answers-long-lists', 'a query for 2,000 paths is answered', async (agent) => {
      const paths = Array.from({ length: 2000 }, (_, index) => unknown(index));
      const infos = await query(agent, paths);
      must(infos.length === 2000 && infos.every((info) => info === null), `${infos.length} infos`);
    }),
    scenario('delivers', 'the archive comes through the ticket, and is measured', async (agent, bulk) => {
      for (const item of [cache.small, cache.tree, cache.large]) {
        const delivery = bulk.expect();
        mustBeFetched(item, await fetch(agent, item, delivery));
        must((await delivery.bytes).equals(item.archive), `what came for ${item.path} is not its archive`);
      }
    }),
    scenario('delivers-side-by-side', 'two archives may be fetched at once', async (agent, bulk) => {
      const items = [cache.large, cache.tree];
      const deliveries = items.map(() => bulk.expect());
      const outcomes = await Promise.all(items.map((item, index) => fetch(agent, item, deliveries[index] as Delivery)));
      for (const [index, item] of items.entries()) {
        mustBeFetched(item, outcomes[index] as FetchOutcome);
        must((await (deliveries[index] as Delivery).bytes).equals(item.archive), 'the archives were mixed up');
      }
    }),
    scenario(
      'tells-changed-archives',
      'an archive that is not the signed one is a hash mismatch',
      async (agent, bulk) => {
        const outcome = await fetch(agent, cache.changed, bulk.expect());
        must(outcome.status === 'hash-mismatch', `the outcome is ${shown(outcome)}`);
        must(outcome.expected === expectedInfo(cache.changed).narHash, `it expected ${outcome.expected}`);
        must(outcome.actual !== outcome.expected, 'expected and actual are the same');
      },
    ),
    scenario('tells-missing-archives', 'an archive that no cache has is not delivered', async (agent, bulk) => {
      const delivery = bulk.expect();
      const outcome = await fetch(agent, cache.absent, delivery);
      must(outcome.status === 'not-found' || outcome.status === 'failed', `the outcome is ${shown(outcome)}`);
      must(delivery.count() === 0, `${delivery.count()} bytes came all the same`);
    }),
    scenario('goes-on-after-failures', 'a fetch that failed spoils nothing for the next', async (agent, bulk) => {
      await fetch(agent, cache.changed, bulk.expect());
      const delivery = bulk.expect();
      mustBeFetched(cache.small, await fetch(agent, cache.small, delivery));
      must((await delivery.bytes).equals(cache.small.archive), 'what came is not the archive');
    }),
    scenario('can-be-cancelled', 'a cancelled fetch is answered, and closes its ticket', async (agent, bulk) => {
      const controller = new AbortController();
      const delivery = bulk.expect(false);
      const ended = fetch(agent, cache.large, delivery, controller.signal).then(
        ({ status }) => status,
        (error: { code?: string }) => error.code,
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
      controller.abort();
      const how = await ended;
      must(how === 'cancelled' || how === 'failed', `it was answered by ${how}`);
    }),
  ];
}

async function query(agent: Agent, paths: readonly StorePath[]): Promise<readonly (SubstituteInfo | null)[]> {
  return (await agent.call('query', { paths })).infos;
}

async function fetch(agent: Agent, item: CachedItem, delivery: Delivery, signal?: AbortSignal): Promise<FetchOutcome> {
  const [info] = await query(agent, [item.path]);
  const params = {
    path: item.path,
    narinfo: item.narinfo,
    url: info?.url ?? 'file:///nowhere',
    ticket: delivery.ticket,
  };
  return (await agent.call('fetch', params, signal === undefined ? {} : { signal })).outcome;
}

function mustOffer(item: CachedItem, info: SubstituteInfo | null | undefined): void {
  must(info !== null && info !== undefined, `${item.path} is not offered`);
  const { path, deriver, references, narHash, narSize } = info;
  const told = { path, deriver, references, narHash, narSize };
  must(same(told, expectedInfo(item)), `it tells ${shown(told)}`);
}

function mustBeFetched(item: CachedItem, outcome: FetchOutcome): void {
  must(outcome.status === 'fetched', `the outcome for ${item.path} is ${shown(outcome)}`);
  const { narHash, narSize } = expectedInfo(item);
  must(outcome.narHash === narHash, `the hash is ${outcome.narHash}, not ${narHash}`);
  must(outcome.narSize === narSize, `the size is ${outcome.narSize}, not ${narSize}`);
}
