/** Caches that dawdle, fall silent or want to be left alone (security case S76). */
import t from 'tap';
import { CacheServer, silent, silentAfter, status } from '../../../test/support/cache-server.ts';
import { MadeCache } from '../../../test/support/made-cache.ts';
import { RunningAgent } from '../../../test/support/substitute-agent.ts';

const storeDir = '/gnu/store';
t.setTimeout(180_000);

t.test('S76: a server that wants to be left alone, is', async (t) => {
  const cache = new MadeCache(storeDir);
  const items = Array.from({ length: 200 }, () => cache.addRandom(10));
  await using server = await CacheServer.start(cache.files);
  server.when(/narinfo$/, status(503, { 'retry-after': '2' }));
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const infos = await agent.query(items.map(({ path }) => path));
  t.ok(infos.every((info) => info === null));
  t.ok(server.count(/narinfo/) <= 64, `${server.count(/narinfo/)} requests`);
  t.equal(agent.warnings.length, 1, 'that is said once');
  server.when(/narinfo$/, ({ serve }) => serve());
  const asked = server.count(/narinfo/);
  await agent.query([items[0]?.path ?? '']);
  t.equal(server.count(/narinfo/), asked, 'it is not asked meanwhile');
  for (;;) if ((await agent.query([items[0]?.path ?? '']))[0] !== null) break;
  t.pass('and is asked again later: failures are not kept');
});

t.test('S76: a server that is silent does not keep others waiting', async (t) => {
  const cache = new MadeCache(storeDir);
  const items = Array.from({ length: 20 }, () => cache.addRandom(1000));
  await using dumb = await CacheServer.start(cache.files);
  await using good = await CacheServer.start(cache.files);
  dumb.when(/./, silent);
  const agent = new RunningAgent(t, { urls: [dumb.url, good.url], keys: [cache.key] });
  const began = Date.now();
  const infos = await agent.query(items.map(({ path }) => path));
  t.ok(infos.every((info) => info?.url === good.url));
  t.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`);
  good.when(/^nar\//, silentAfter(500), 1);
  const [info] = infos;
  if (!info) throw new Error('it is not offered');
  const from = { ...info, url: dumb.url };
  const start = Date.now();
  t.match((await agent.fetch(from)).outcome, { status: 'fetched', url: good.url });
  t.ok(Date.now() - start < 60_000, `${Date.now() - start} ms`);
});
