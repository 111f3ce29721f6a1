/** Caches that lie: they cost a warning, never more (security cases S66 to S71). */
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { CacheServer, instead, status } from '../../../test/support/cache-server.ts';
import { MadeCache } from '../../../test/support/made-cache.ts';
import { RunningAgent } from '../../../test/support/substitute-agent.ts';

const storeDir = '/gnu/store';
t.setTimeout(180_000);

/** What the agent says of an item whose narinfo is `text`, and why it does not offer it. */
async function offerOf(
  t: Test,
  cache: MadeCache,
  change: (narinfo: string) => string,
): Promise<readonly [boolean, string]> {
  const item = cache.addRandom(100);
  const name = [...cache.files.keys()].find((key) => key.startsWith(item.path.slice(11, 43))) ?? '';
  await using server = await CacheServer.start(cache.files);
  server.files.set(name, Buffer.from(change(item.narinfo.toString('latin1')), 'latin1'));
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const [info] = await agent.query([item.path]);
  await agent.stop();
  return [info !== null, agent.warnings.join()];
}

t.test('S69: narinfos that are not what an authorised key has signed', async (t) => {
  const cache = new MadeCache(storeDir);
  const cases: readonly (readonly [string, (narinfo: string) => string, RegExp])[] = [
    ['unsigned', (text) => text.replace(/^Signature: .*\n/m, ''), /not authorised \(unsigned\)/],
    ['another size', (text) => text.replace(/^NarSize: .*$/m, 'NarSize: 5'), /not authorised \(hash-mismatch\)/],
    [
      'a corrupt signature',
      (text) => text.replace(/;[A-Za-z0-9+/=]+$/m, ';AAAA'),
      /not authorised \(corrupt-signature\)/,
    ],
    ['signature first', (text) => text.replace(/^(.*)(Signature: [^\n]*\n)/s, '$2$1'), /no narinfo/],
    ['two signatures', (text) => text.replace(/^(Signature: .*\n)/m, '$1$1'), /no narinfo|not authorised|^$/],
    ['version 2', (text) => text.replace('Signature: 1;', 'Signature: 2;'), /of version 2/],
    ['carriage returns', (text) => text.replaceAll('\n', '\r\n'), /control character/],
    [
      'another path',
      (text) => text.replace(/^StorePath: .*$/m, `StorePath: ${storeDir}/${'a'.repeat(32)}-x`),
      /it tells of/,
    ],
    ['references upwards', (text) => text.replace(/^References: ?.*$/m, 'References: ../../etc'), /no narinfo/],
    ['absolute references', (text) => text.replace(/^References: ?.*$/m, 'References: /etc/passwd'), /no narinfo/],
    ['a web page', () => '<html>It works!</html>\n', /no narinfo/],
    ['nothing', () => '', /no narinfo/],
  ];
  for (const [name, change, warning] of cases) {
    const [offered, said] = await offerOf(t, cache, change);
    t.match(said, warning, name);
    if (name !== 'two signatures') t.notOk(offered, `${name}: not offered`);
  }
});

t.test('S69: fields below the signature count for nothing', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(100);
  const more = Buffer.from(`NarSize: 9\nReferences: ${'a'.repeat(32)}-x\nDeriver: ${'b'.repeat(32)}-y.drv\n`);
  await using server = await CacheServer.start(cache.files);
  server.when(/narinfo$/, instead(Buffer.concat([item.narinfo, more])));
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const [info] = await agent.query([item.path]);
  t.match(info, { narSize: item.archive.length, references: [], deriver: null });
});

t.test('S69: a narinfo without an end, and one of a gigabyte', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(100);
  await using server = await CacheServer.start(cache.files);
  const block = Buffer.alloc(1024 * 1024, 'Sig: x\n');
  server.when(/narinfo$/, async (exchange) => {
    exchange.response.writeHead(200);
    while (await server.send(exchange.response, block));
  });
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  t.same(await agent.query([item.path]), [null]);
  t.match(agent.warnings, [/more than 1048576 bytes/]);
  server.when(/narinfo$/, ({ response }) => void response.writeHead(200, { 'content-length': 2 ** 30 }).write(block));
  t.same(await agent.query([item.path]), [null]);
  t.ok(server.bytesSent < 16 * 1024 * 1024, `${server.bytesSent} bytes were sent`);
});

t.test('S71: a mirror that nobody authorised may serve bytes, if they are right', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(200_000);
  await using honest = await CacheServer.start(cache.files);
  await using mirror = await CacheServer.start(cache.files);
  const unsigned = Buffer.from(item.narinfo.toString('latin1').replace(/^Signature: .*\n/m, ''), 'latin1');
  mirror.when(/narinfo$/, instead(unsigned));
  honest.when(/^nar\//, status(404));
  const agent = new RunningAgent(t, { urls: [mirror.url, honest.url], keys: [cache.key] });
  const [info] = await agent.query([item.path]);
  t.equal(info?.url, honest.url, 'its narinfo is not believed');
  if (!info) return;
  const { outcome, hash } = await agent.fetch(info);
  t.match(outcome, { status: 'fetched', url: mirror.url });
  t.equal(hash, item.hash);
});

t.test('S71: wrong bytes: nothing of them goes on, and the next cache is taken', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(200_000);
  const [liar, honest] = [await CacheServer.start(cache.files), await CacheServer.start(cache.files)];
  t.teardown(() => Promise.all([liar[Symbol.asyncDispose](), honest[Symbol.asyncDispose]()]));
  const changed = Buffer.from(item.archive);
  changed[100_000] = (changed[100_000] ?? 0) ^ 1;
  liar.when(/^nar\//, instead(changed));
  const agent = new RunningAgent(t, { urls: [liar.url, honest.url], keys: [cache.key] });
  const [info] = await agent.query([item.path]);
  if (!info) throw new Error('it is not offered');
  const { outcome, hash, size } = await agent.fetch({ ...info, url: liar.url });
  t.match(outcome, { status: 'fetched', url: honest.url });
  t.equal(hash, item.hash);
  t.equal(size, item.archive.length);
  const alone = await agent.fetch({ ...info, url: liar.url }, [liar.url]);
  t.match(alone.outcome, { status: 'hash-mismatch', expected: `sha256:${item.hash}` });
  t.equal(alone.size, 0);
});

t.test('S66: bombs are stopped at the size that was signed', async (t) => {
  const cache = new MadeCache(storeDir);
  const member = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const bomb = Buffer.concat(Array.from({ length: 160 }, () => member));
  const items = [100, 6_000_000].map((size) => cache.addRandom(size, { packing: 'gzip', served: bomb }));
  await using server = await CacheServer.start(cache.files);
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const infos = await agent.query(items.map(({ path }) => path));
  for (const [index, info] of infos.entries()) {
    if (!info) throw new Error('it is not offered');
    const { outcome, size } = await agent.fetch(info);
    t.match(outcome, { status: 'failed', message: /more than the \d+ bytes that were signed/ });
    t.ok(size <= (items[index]?.archive.length ?? 0), `${size} bytes went on`);
  }
  t.ok(agent.peakMemory < 250e6, `${agent.peakMemory} bytes of memory`);
});

t.test('an archive without an end, of nothing', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(1000, { packing: 'gzip' });
  await using server = await CacheServer.start(cache.files);
  const nothing = Buffer.concat(Array.from({ length: 10_000 }, () => gzipSync(Buffer.alloc(0))));
  server.when(/^nar\//, async ({ response }) => {
    response.writeHead(200);
    while (await server.send(response, nothing));
  });
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const [info] = await agent.query([item.path]);
  if (!info) throw new Error('it is not offered');
  t.match((await agent.fetch(info)).outcome, { status: 'failed', message: /has no end/ });
});

t.test('what one cache says is not taken for the word of another', async (t) => {
  const [mine, theirs] = [new MadeCache(storeDir), new MadeCache(storeDir)];
  const item = mine.addRandom(100);
  await using server = await CacheServer.start(mine.files);
  await using poisoned = await CacheServer.start(theirs.files);
  poisoned.when(/narinfo$/, instead(Buffer.from('StorePath: nonsense\n')));
  const agent = new RunningAgent(t, { urls: [server.url], keys: [mine.key] });
  t.same(await agent.query([item.path], [poisoned.url]), [null]);
  t.match(await agent.query([item.path]), [{ url: server.url }]);
});
