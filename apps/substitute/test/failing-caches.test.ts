/** Caches that fail in the middle of things: fetches go on where they stopped, here or elsewhere, and cost little more. */

import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileArchive } from '@cooper/nar';
import t, { type Test } from 'tap';
import { brokenAfter, CacheServer, late } from '../../../test/support/cache-server.ts';
import { MadeCache, type MadeItem } from '../../../test/support/made-cache.ts';
import { RunningAgent } from '../../../test/support/substitute-agent.ts';

const storeDir = '/gnu/store';
/** Large files are of a GiB where the large tests are wanted. In bytes. */
const size = (process.env['COOPER_LARGE_TESTS'] === '1' ? 1024 : 64) * 1024 * 1024;
t.setTimeout(180_000 + size / 1000);

async function servers(t: Test, count: number, cache: MadeCache): Promise<CacheServer[]> {
  const started = await Promise.all(Array.from({ length: count }, () => CacheServer.start(cache.files)));
  t.teardown(() => Promise.all(started.map((server) => server[Symbol.asyncDispose]())));
  return started;
}

/** Half random, half not: what is packed is smaller, and not nothing. */
function large(): Buffer {
  const block = Buffer.concat([randomBytes(500_000), Buffer.alloc(500_000)]);
  return fileArchive(Buffer.concat(Array.from({ length: size / 1e6 }, () => block)));
}

async function infoOf(agent: RunningAgent, item: MadeItem) {
  const [info] = await agent.query([item.path]);
  if (!info) throw new Error('it is not offered');
  return info;
}

t.test('a connection that breaks is made again where it broke', async (t) => {
  for (const packing of ['none', 'zstd', 'gzip'] as const) {
    const cache = new MadeCache(storeDir);
    const item = cache.add(large(), { packing });
    const [server] = await servers(t, 1, cache);
    if (server === undefined) return;
    const packed = [...cache.files].find(([name]) => name.startsWith('nar/'))?.[1].length ?? 0;
    server.when(/^nar\//, brokenAfter(packed * 0.6), 1);
    const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
    const { outcome, hash } = await agent.fetch(await infoOf(agent, item));
    t.equal(hash, item.hash, packing);
    t.match(outcome, { status: 'fetched' });
    const [, second] = server.requests.filter(({ path }) => path.startsWith('nar/'));
    t.match(second?.range, /^bytes=[1-9]/, `${packing}: asked for the rest`);
    const transferred = outcome.status === 'fetched' ? outcome.transferred : Number.NaN;
    t.ok(transferred <= packed * 1.2, `${transferred} bytes for ${packed}`);
    await agent.stop();
  }
});

t.test('a server without ranges sends it all again', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(8_000_000);
  const [server] = await servers(t, 1, cache);
  if (server === undefined) return;
  server.when(/^nar\//, ({ file, response }) => void response.writeHead(200).end(file));
  server.when(/^nar\//, brokenAfter(5_000_000), 1);
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  t.equal((await agent.fetch(await infoOf(agent, item))).hash, item.hash);
});

t.test('S76: a server that dies in the middle of a file: another one goes on', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.add(large(), { packing: 'gzip' });
  const packed = [...cache.files].find(([name]) => name.startsWith('nar/'))?.[1].length ?? 0;
  const [first, second] = await servers(t, 2, cache);
  if (first === undefined || second === undefined) return;
  first.rate = size / 3;
  const agent = new RunningAgent(t, { urls: [first.url, second.url], keys: [cache.key] });
  const info = { ...(await infoOf(agent, item)), url: first.url };
  const fetched = agent.fetch(info);
  while (first.bytesSent < packed / 2) await delay(10);
  await first.kill();
  const { outcome, hash, events } = await fetched;
  t.match(outcome, { status: 'fetched' });
  t.equal(hash, item.hash);
  const sent = first.bytesSent + second.bytesSent;
  t.ok(sent <= packed * 1.2, `${sent} bytes were sent for ${packed}`);
  const places = events.flatMap((event) => (event.event === 'downloading' ? [new URL(event.url).origin] : []));
  t.same(places, [first.url, second.url], 'it is said where it comes from');
});

t.test('S76: a server that becomes slow in the middle of a file: another one goes on', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(8_000_000);
  const [slow, good] = await servers(t, 2, cache);
  if (slow === undefined || good === undefined) return;
  slow.rate = 40_000;
  const agent = new RunningAgent(t, { urls: [slow.url, good.url], keys: [cache.key] });
  const { outcome, hash } = await agent.fetch({ ...(await infoOf(agent, item)), url: slow.url });
  t.match(outcome, { status: 'fetched' });
  t.equal(hash, item.hash);
  t.ok(slow.bytesSent < 4_000_000, `${slow.bytesSent} bytes are from the slow one`);
  const sent = slow.bytesSent + good.bytesSent;
  t.ok(sent <= item.archive.length * 1.2, `${sent} bytes were sent`);
});

t.test('another form of the same archive: what the store has got is skipped', async (t) => {
  const archive = large();
  const cache = new MadeCache(storeDir);
  const item = cache.add(archive, { packing: 'gzip' });
  const [first, second] = await servers(t, 2, cache);
  if (first === undefined || second === undefined) return;
  // The same item, packed in another way: another file.
  const [name = '', narinfo] = [...cache.files].find(([name]) => name.endsWith('narinfo')) ?? [];
  const url = name.replace('.narinfo', '');
  const fileHash = createHash('sha256').update(archive).digest('hex');
  const other = String(narinfo)
    .replace(/^URL: .*$/m, `URL: nar/none/${url}`)
    .replace(/^Compression: .*$/m, 'Compression: none')
    .replace(/^FileSize: .*$/m, `FileSize: ${archive.length}`)
    .replace(/^FileHash: .*$/m, `FileHash: sha256:${fileHash}`);
  second.files.set(name, Buffer.from(other, 'latin1'));
  second.files.set(`nar/none/${url}`, archive);
  first.rate = size / 3;
  const agent = new RunningAgent(t, { urls: [first.url, second.url], keys: [cache.key] });
  const info = { ...(await infoOf(agent, item)), narinfo: item.narinfo, url: first.url };
  const fetched = agent.fetch(info);
  while (first.bytesSent < 10e6) await delay(10);
  await first.kill();
  const { outcome, hash, size: got } = await fetched;
  t.match(outcome, { status: 'fetched', url: second.url });
  t.equal(hash, item.hash);
  t.equal(got, archive.length);
});

t.test('S76: one of three caches dead, one slow: nearly as quick as with three good ones', async (t) => {
  const cache = new MadeCache(storeDir);
  const items = Array.from({ length: 60 }, () => cache.addRandom(50_000, { packing: 'gzip' }));
  const paths = items.map(({ path }) => path);
  const run = async (agent: RunningAgent) => {
    const began = performance.now();
    const infos = await agent.query(paths);
    const queue = infos.flatMap((info) => info ?? []);
    const worker = async () => {
      for (let info = queue.shift(); info !== undefined; info = queue.shift()) {
        const { outcome } = await agent.fetch(info);
        if (outcome.status !== 'fetched') throw new Error(JSON.stringify(outcome));
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    return performance.now() - began;
  };
  const delayed = async () => {
    const [dead, slow, good] = await servers(t, 3, cache);
    if (dead === undefined || slow === undefined || good === undefined) throw new Error('no servers');
    for (const server of [dead, slow, good]) server.when(/./, late(20));
    return [dead, slow, good] as const;
  };
  const healthy = await delayed();
  const sick = await delayed();
  const warm = new RunningAgent(t, { urls: healthy.map(({ url }) => url), keys: [cache.key] });
  await warm.client;
  const all = await run(warm);
  sick[1].when(/./, late(15_000));
  const urls = sick.map(({ url }) => url);
  await sick[0].kill();
  const agent = new RunningAgent(t, { urls, keys: [cache.key] });
  await agent.client;
  const some = await run(agent);
  t.comment(`${Math.round(all)} ms with three, ${Math.round(some)} ms with one`);
  // The aim is 1.3 times; what is measured on a quiet machine is 1.0 to 1.2. Other work on the machine must not fail the
  // test, but whoever waits once for the slow one does.
  t.ok(some < all * 1.3 + 10_000, `${some} ms, and ${all} ms with all`);
});

t.test('a connection that the server closes when it likes is no failure', async (t) => {
  const cache = new MadeCache(storeDir);
  const items = Array.from({ length: 100 }, () => cache.addRandom(10));
  const [server] = await servers(t, 1, cache);
  if (server === undefined) return;
  server.headers['connection'] = 'close';
  server.when(/narinfo$/, ({ response }) => void response.socket?.destroy(), 3);
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const infos = await agent.query(items.map(({ path }) => path));
  t.ok(
    infos.every((info) => info !== null),
    agent.warnings.join(),
  );
});

t.test('answers are kept as long as the server says', async (t) => {
  const cache = new MadeCache(storeDir);
  const [item, ...others] = [cache.addRandom(10), cache.addRandom(10), cache.addRandom(10)];
  const [server] = await servers(t, 1, cache);
  if (server === undefined || item === undefined) return;
  const missing = others.map(({ path }) => path);
  for (const { path } of others)
    server.files.delete(`${path.slice(storeDir.length + 1, storeDir.length + 33)}.narinfo`);
  server.headers['cache-control'] = 'max-age=3600';
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const ask = async (agent: RunningAgent) => (await agent.query([item.path, ...missing])).map((info) => info !== null);
  t.same(await ask(agent), [true, false, false]);
  await agent.stop();
  const again = new RunningAgent(t, { urls: [server.url], keys: [cache.key], state: agent.state });
  t.same(await ask(again), [true, false, false]);
  t.equal(server.requests.length, 3, 'another process asks no more');
  await again.stop();
  const nobody = new RunningAgent(t, { urls: [server.url], state: agent.state });
  t.same(await ask(nobody), [false, false, false], 'what is kept is judged by whom we believe now');
  await nobody.stop();
  server.headers['cache-control'] = 'no-store';
  const fresh = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  await ask(fresh);
  await ask(fresh);
  t.equal(server.requests.length, 9, 'nothing is kept that must not be');
});

t.test('progress comes at most ten times a second, and to the end', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(4_000_000);
  const [server] = await servers(t, 1, cache);
  if (server === undefined) return;
  server.rate = 4e6;
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const began = performance.now();
  const { events } = await agent.fetch(await infoOf(agent, item));
  const told = events.flatMap((event) => (event.event === 'progress' ? [event.transferred] : []));
  t.same(
    told,
    [...told].sort((a, b) => a - b),
  );
  t.equal(told.at(-1), item.archive.length);
  t.ok(told.length > 2 && told.length <= (performance.now() - began) / 100 + 2, `${told.length} events`);
});

t.test('memory stays flat, whatever the size', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(300_000_000);
  const [server] = await servers(t, 1, cache);
  if (server === undefined) return;
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const { outcome } = await agent.fetch(await infoOf(agent, item));
  t.equal(outcome.status, 'fetched');
  t.ok(agent.peakMemory < 220e6, `${agent.peakMemory} bytes`);
});
