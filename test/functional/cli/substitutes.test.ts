/** Store items from caches, as a user gets them: the whole table of processes, a server, and `cooper`. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { toBytes } from '@cooper/byte-string';
import { fileArchive } from '@cooper/nar';
import { authorise, emptyAccessList, printAdvanced } from '@cooper/signature';
import t, { type Test } from 'tap';
import { CacheServer, instead, status } from '../../support/cache-server.ts';
import { readGoldenBundle } from '../../support/golden.ts';
import { MadeCache } from '../../support/made-cache.ts';
import { TemporaryCooper } from './temporary-cooper.ts';

t.setTimeout(300_000);

interface Setting {
  readonly cooper: TemporaryCooper;
  readonly cache: MadeCache;
  readonly server: CacheServer;
  /** The option that names the server. */
  readonly urls: string;
}

/** A server whose key is authorised. */
async function setting(t: Test): Promise<Setting> {
  const cooper = new TemporaryCooper();
  t.teardown(() => cooper.remove());
  const cache = new MadeCache(cooper.store);
  mkdirSync(`${cooper.state}/etc`, { recursive: true });
  const list = authorise(emptyAccessList, cache.key.publicKey.expression);
  writeFileSync(`${cooper.state}/etc/acl`, toBytes(printAdvanced(list.expression)));
  const server = await CacheServer.start(cache.files);
  t.teardown(() => server[Symbol.asyncDispose]());
  return { cooper, cache, server, urls: `--substitute-urls=${server.url}` };
}

/** What the store has got, but for its own corner. */
function items({ store }: TemporaryCooper): string[] {
  return existsSync(store) ? readdirSync(store).filter((name) => name !== '.cooper') : [];
}

t.test('a closure is fetched, references first', async (t) => {
  const { cooper, cache, server, urls } = await setting(t);
  const lib = cache.add(fileArchive(Buffer.from('a library\n')), { name: 'lib', packing: 'zstd' });
  const app = cache.add(fileArchive(Buffer.from('a program\n')), {
    name: 'app',
    packing: 'gzip',
    references: [lib.path],
  });
  for (const [name, bytes] of cache.files) server.files.set(name, bytes);

  const weather = await cooper.run('weather', app.path, `${cooper.store}/${'a'.repeat(32)}-other`, urls);
  t.equal(weather.status, 1, 'not everything is there');
  t.match(
    weather.stdout,
    new RegExp(`^${app.path} {2}\\d+ B to fetch, \\d+ B unpacked {2}${server.url}\n.*-other {2}nobody has it\n$`),
  );
  t.match(weather.stderr, /cooper: 1 of 2 items can be fetched/);
  t.same(items(cooper), [], 'asking fetches nothing');

  const plan = await cooper.run('build', '--dry-run', app.path, urls);
  t.match(
    plan.stderr,
    /2 items would be fetched \(\d+ B to fetch, \d+ B unpacked\):\n {2}\S+-lib\n {2}\S+-app\n|2 items would be fetched/,
  );
  t.same(items(cooper), []);

  const { status, stdout, stderr } = await cooper.run('build', app.path, urls);
  t.equal(status, 0, stderr);
  t.equal(stdout, `${app.path}\n`);
  t.match(stderr, new RegExp(`fetching \`${lib.path}' from ${server.url}\\.\\.\\.\n[^]*fetched \`${app.path}'`));
  t.equal(readFileSync(app.path, 'utf8'), 'a program\n');
  t.equal(readFileSync(lib.path, 'utf8'), 'a library\n');

  server.requests.length = 0;
  t.equal((await cooper.run('build', app.path, urls)).status, 0);
  t.same(server.requests, [], 'what is valid is not asked for');
});

t.test('what a cache has is not built; without caches, or when they fail, it is', async (t) => {
  const { cooper, cache, server, urls } = await setting(t);
  const recipe = (word: string) => cooper.recipe(`export default shell('it', 'echo ${word} > $out');`);
  const outputOf = async (file: string) => {
    const plan = await cooper.run('build', '--dry-run', '--json', '--file', file);
    const [derivation = ''] = (JSON.parse(plan.stdout.split('\n')[0] ?? '') as { build: string[] }).build;
    const shown = await cooper.run('derivation', 'show', derivation);
    return /"path": ?"([^"]+-it)"/.exec(shown.stdout)?.[1] ?? '';
  };
  const serve = (path: string) => {
    const made = cache.add(fileArchive(Buffer.from('fetched\n')), { facts: { path: path as typeof made.path } });
    const hashPart = path.slice(cooper.store.length + 1, cooper.store.length + 33);
    server.files.set(`${hashPart}.narinfo`, made.narinfo);
    for (const [name, bytes] of cache.files) if (name.startsWith('nar/')) server.files.set(name, bytes);
  };
  const [fetched, built, failing] = [recipe('one'), recipe('two'), recipe('three')];
  for (const file of [fetched, built, failing]) serve(await outputOf(file));

  const first = await cooper.run('build', '--file', fetched, urls);
  t.equal(first.status, 0, first.stderr);
  t.equal(readFileSync(first.stdout.trim(), 'utf8'), 'fetched\n');

  const second = await cooper.run('build', '--file', built, urls, '--no-substitutes');
  t.equal(second.status, 0, second.stderr);
  t.equal(readFileSync(second.stdout.trim(), 'utf8'), 'two\n');

  server.when(/^nar\//, status(404));
  const third = await cooper.run('build', '--file', failing, urls);
  t.not(third.status, 0, 'it does not build by itself what a cache has');
  t.match(third.stderr, /warning: /);
  const fourth = await cooper.run('build', '--file', failing, urls, '--fallback');
  t.equal(fourth.status, 0, fourth.stderr);
  t.equal(readFileSync(fourth.stdout.trim(), 'utf8'), 'three\n');
});

t.test('S72: evil archives behind honest narinfos leave nothing', async (t) => {
  const { cooper, cache, server, urls } = await setting(t);
  const verdicts = readGoldenBundle('evil-nar/archives.tar.zst');
  const evil = [...verdicts]
    .filter(([name]) => name.endsWith('.nar') && /dotdot|duplicate|name-(slash|nul|dot)/.test(name))
    .slice(0, 12);
  t.ok(evil.length > 3, 'there are some');
  const paths = evil.map(([name, archive]) => cache.add(archive, { name: name.replace(/[^a-z0-9]+/g, '-') }).path);
  for (const [name, bytes] of cache.files) server.files.set(name, bytes);
  const { status, stderr } = await cooper.run('build', '--keep-going', ...paths, urls);
  t.not(status, 0);
  t.match(stderr, /invalid archive/);
  t.same(items(cooper), []);
});

t.test('wrong bytes, and narinfos of nobody whom we know, leave nothing', async (t) => {
  const { cooper, cache, server, urls } = await setting(t);
  const large = cache.addRandom(6_000_000, { name: 'large' });
  const unsigned = cache.addRandom(100, { name: 'unsigned', key: null });
  for (const [name, bytes] of cache.files) server.files.set(name, bytes);
  const changed = Buffer.from(large.archive);
  changed[5_000_000] = (changed[5_000_000] ?? 0) ^ 1;
  server.when(/^nar\//, instead(changed));
  const first = await cooper.run('build', large.path, urls);
  t.not(first.status, 0);
  t.match(first.stderr, /hash mismatch/);
  const second = await cooper.run('build', unsigned.path, urls);
  t.not(second.status, 0);
  t.match(second.stderr, /not authorised \(unsigned\)/);
  t.same(items(cooper), []);
});

t.test('S71: of large archives, too, the next cache makes good what one did wrong', async (t) => {
  const { cooper, cache, server: liar } = await setting(t);
  const items = [10, 5_000_000].map((place) => ({ place, item: cache.addRandom(6_000_000) }));
  for (const [name, bytes] of cache.files) liar.files.set(name, bytes);
  await using honest = await CacheServer.start(cache.files);
  for (const { place, item } of items) {
    const changed = Buffer.from(item.archive);
    changed[place] = (changed[place] ?? 0) ^ 1;
    liar.when(new RegExp(`^nar/none/${item.path.slice(cooper.store.length + 1).slice(0, 32)}`), instead(changed));
  }
  const paths = items.map(({ item }) => item.path);
  const { status, stderr } = await cooper.run('build', ...paths, `--substitute-urls=${liar.url} ${honest.url}`);
  t.equal(status, 0, stderr);
  t.ok(liar.count(/^nar\//) > 0, 'the first was asked');
  for (const { item } of items) t.ok(readFileSync(item.path).equals(item.archive.subarray(96, 96 + 6_000_000)));
  const sent = liar.bytesSent + honest.bytesSent;
  t.ok(sent < 30_000_000, `${sent} bytes`);
});
