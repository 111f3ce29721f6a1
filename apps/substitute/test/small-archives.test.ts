/** Small archives, many in one call: quick where all goes well, and as careful as the others where it does not. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { hashBytes } from '@cooper/hash';
import { fileArchive } from '@cooper/nar';
import t, { type Test } from 'tap';
import { CacheServer, instead, late, silent, status } from '../../../test/support/cache-server.ts';
import { freshKey, MadeCache } from '../../../test/support/made-cache.ts';
import { RunningAgent } from '../../../test/support/substitute-agent.ts';

const storeDir = '/gnu/store';
t.setTimeout(180_000);

const hasXz = spawnSync('xz', ['--version']).status === 0;
const packings = ['none', 'gzip', 'zstd'] as const;

async function servers(t: Test, count: number, cache: MadeCache): Promise<CacheServer[]> {
  const started = await Promise.all(Array.from({ length: count }, () => CacheServer.start(cache.files)));
  t.teardown(() => Promise.all(started.map((server) => server[Symbol.asyncDispose]())));
  return started;
}

/** What came, as the hash of each archive. */
function hashes(ends: Awaited<ReturnType<RunningAgent['fetchSmall']>>): (string | undefined)[] {
  return ends.map((end) => end && Buffer.from(hashBytes('sha256', end.archive).digest).toString('hex'));
}

t.test('many come in one call, each of them once asked for', async (t) => {
  const cache = new MadeCache(storeDir);
  const items = Array.from({ length: 240 }, (_, index) => {
    return cache.addRandom(index * 100, { packing: packings[index % packings.length] ?? 'none' });
  });
  const [server] = await servers(t, 1, cache);
  if (server === undefined) return;
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const infos = await agent.query(items.map(({ path }) => path));
  const ends = await agent.fetchSmall(infos);
  t.same(
    hashes(ends),
    items.map(({ hash }) => hash),
  );
  t.ok(ends.every((end) => end?.outcome.status === 'fetched'));
  t.equal(server.count(/^nar\//), items.length);
});

t.test('S71, S76: what one cache does wrong, another one makes good', async (t) => {
  const cache = new MadeCache(storeDir);
  const items = packings.flatMap((packing) => [1, 2, 3].map((size) => cache.addRandom(size * 1000, { packing })));
  const bad = [
    instead(gzipSync(Buffer.alloc(64 * 1024 * 1024))),
    instead(Buffer.from('nonsense')),
    instead(items[0]?.archive ?? Buffer.of()),
    status(404),
    status(500),
  ];
  for (const behaviour of bad) {
    const [liar, honest] = await servers(t, 2, cache);
    if (liar === undefined || honest === undefined) return;
    liar.when(/^nar\//, behaviour);
    const agent = new RunningAgent(t, { urls: [liar.url, honest.url], keys: [cache.key] });
    const infos = await agent.query(items.map(({ path }) => path));
    const from = infos.map((info) => info && { ...info, url: liar.url });
    const expected = items.map(({ hash }) => hash);
    t.same(hashes(await agent.fetchSmall(from)), expected);
    await agent.stop();
  }
});

t.test('S76: a cache that falls silent is left, one that is far away is not', async (t) => {
  const cache = new MadeCache(storeDir);
  const items = Array.from({ length: 40 }, () => cache.addRandom(1000, { packing: 'zstd' }));
  const [dumb, good] = await servers(t, 2, cache);
  if (dumb === undefined || good === undefined) return;
  const agent = new RunningAgent(t, { urls: [dumb.url, good.url], keys: [cache.key] });
  const infos = await agent.query(items.map(({ path }) => path));
  dumb.when(/^nar\//, silent);
  const ends = await agent.fetchSmall(infos.map((info) => info && { ...info, url: dumb.url }));
  t.ok(ends.every((end) => end?.outcome.status === 'fetched' && end.outcome.url === good.url));
  good.when(/^nar\//, late(400));
  const again = await agent.fetchSmall(infos.map((info) => info && { ...info, url: good.url }));
  t.ok(again.every((end) => end?.outcome.status === 'fetched'));
});

t.test('an archive of several zstd frames, one behind the other, small or large', async (t) => {
  const cache = new MadeCache(storeDir);
  const [small, large] = [50_000, 5_000_000].map((size) => {
    const archive = fileArchive(randomBytes(size));
    const halves = [archive.subarray(0, size / 2), archive.subarray(size / 2)];
    const served = Buffer.concat(halves.map((half) => zstdCompressSync(half)));
    return cache.add(archive, { packing: 'zstd', served });
  });
  const [server] = await servers(t, 1, cache);
  if (server === undefined || small === undefined || large === undefined) return;
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const infos = await agent.query([small.path, large.path]);
  t.same(hashes(await agent.fetchSmall(infos.slice(0, 1))), [small.hash]);
  if (!infos[1]) throw new Error('it is not offered');
  t.equal((await agent.fetch(infos[1])).hash, large.hash);
});

t.test('an archive in xz', { skip: !hasXz && 'needs xz' }, async (t) => {
  const cache = new MadeCache(storeDir);
  const archives = Array.from({ length: 30 }, (_, index) => fileArchive(randomBytes(index * 1000)));
  const items = archives.map((archive) => cache.add(archive, { served: execFileSync('xz', { input: archive }) }));
  const [server] = await servers(t, 1, cache);
  if (server === undefined) return;
  for (const [name, bytes] of cache.files) {
    const text = bytes.toString('latin1').replace(/^Compression: none$/m, 'Compression: xz');
    if (name.endsWith('.narinfo')) server.files.set(name, Buffer.from(text, 'latin1'));
  }
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const infos = await agent.query(items.map(({ path }) => path));
  t.same(
    hashes(await agent.fetchSmall(infos)),
    items.map(({ hash }) => hash),
  );
  t.equal(server.count(/^nar\//), items.length, 'each of them once');
});

t.test('S69: each is judged by itself', async (t) => {
  const cache = new MadeCache(storeDir);
  const [good, other, gone] = [cache.addRandom(10), cache.addRandom(10), cache.addRandom(10)];
  const foreign = new MadeCache(storeDir, freshKey()).addRandom(10);
  const [server] = await servers(t, 1, cache);
  if (server === undefined) return;
  server.when(new RegExp(`^nar/none/${gone.path.slice(11, 43)}`), status(404));
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const [info] = await agent.query([good.path]);
  if (!info) throw new Error('it is not offered');
  const ends = await agent.fetchSmall([
    info,
    { ...info, path: other.path },
    { ...info, path: gone.path, narinfo: gone.narinfo },
    { ...info, path: foreign.path, narinfo: foreign.narinfo },
  ]);
  t.match(
    ends.map((end) => end?.outcome),
    [
      { status: 'fetched' },
      { status: 'failed', message: /it is that of/ },
      { status: 'failed', message: /does not have the archive/ },
      { status: 'failed', message: /not authorised/ },
    ],
  );
  t.same(
    ends.slice(1).map((end) => end?.archive.length),
    [0, 0, 0],
  );
});
