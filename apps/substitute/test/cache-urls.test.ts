/** Caches that lead astray: what they name, and where they redirect to (security case S75). */
import t from 'tap';
import { CacheServer, instead, status } from '../../../test/support/cache-server.ts';
import { freshKey, MadeCache } from '../../../test/support/made-cache.ts';
import { RunningAgent } from '../../../test/support/substitute-agent.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';

const storeDir = '/gnu/store';
t.setTimeout(180_000);

t.test('S75: where a cache may not lead', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(100);
  await using server = await CacheServer.start(cache.files);
  const agent = new RunningAgent(t, { urls: [server.url], keys: [cache.key] });
  const places = [
    'file:///etc/passwd',
    '/etc/passwd\r\nX: y',
    'ftp://127.0.0.1/x',
    'http://169.254.169.254/latest',
    'http://a:b@127.0.0.1/',
  ];
  for (const location of places) {
    server.when(/narinfo$/, ({ response }) => {
      response.writeHead(302, { location: location.replace('\r\n', '%0d%0a') }).end();
    });
    t.same(await agent.query([item.path]), [null], location);
  }
  server.when(/narinfo$/, status(302, { location: '/loop.narinfo' }));
  t.same(await agent.query([item.path]), [null], 'a loop');
  t.match(agent.warnings.at(-1), /in circles/);
  server.when(/narinfo$/, ({ serve }) => serve());
  server.when(/^elsewhere/, instead(item.narinfo));
  server.when(/^[a-z0-9]{32}\.narinfo$/, status(307, { location: '/elsewhere' }));
  t.match(await agent.query([item.path]), [{ path: item.path }], 'but to another place of the web it may');
});

t.test('S75: archives are where the cache is, or on the web', async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(100);
  await using server = await CacheServer.start(cache.files);
  const directory = temporaryDirectory(t);
  cache.write(directory);
  for (const url of [
    'file:///etc/passwd',
    '../../../../../../etc/passwd',
    'http://169.254.169.254/x',
    'nar/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
  ]) {
    const narinfo = Buffer.from(item.narinfo.toString('latin1').replace(/^URL: .*$/m, `URL: ${url}`), 'latin1');
    for (const from of [server.url, `file://${directory}`]) {
      const agent = new RunningAgent(t, { urls: [from], keys: [cache.key] });
      const { outcome, size } = await agent.fetch({ path: item.path, narinfo, url: from });
      t.equal(outcome.status, 'failed', `${url} from ${from.slice(0, 4)}`);
      t.equal(size, 0);
      await agent.stop();
    }
  }
});

t.test('S75: what is no URL of a cache is refused, without telling the password', async (t) => {
  const agent = new RunningAgent(t, { keys: [freshKey()] });
  for (const url of ['ftp://x', 'http://u:secret@[bad', 'nonsense', 'http://x/?a', 'file://other/etc', 'http://x/#a'])
    await t.rejects(agent.query([`${storeDir}/${'a'.repeat(32)}-x`], [url]), { code: 'invalid-url' }, url);
  const [, , credentials] = ['', '', 'http://user:secret@127.0.0.1:9'];
  t.same(await agent.query([`${storeDir}/${'a'.repeat(32)}-x`], [credentials ?? '']), [null]);
  t.match(agent.warnings.join(), /127\.0\.0\.1:9/);
  t.notMatch(agent.warnings.join() + agent.log, /secret/);
});
