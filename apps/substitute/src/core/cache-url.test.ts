import t from 'tap';
import { isForbiddenAddress, parseCacheUrl, resolveInCache, resolveRedirection } from './cache-url.ts';

t.test('URLs of caches', async (t) => {
  const text = (url: string) => parseCacheUrl(url).text;
  t.equal(text('https://ci.guix.gnu.org/'), 'https://ci.guix.gnu.org');
  t.equal(text('HTTP://Host:80/a/b//'), 'http://host/a/b');
  t.equal(text('/srv/cache'), 'file:///srv/cache');
  t.equal(text('file:///srv/a/../cache/'), 'file:///srv/cache');
  t.strictSame(parseCacheUrl('http://me:p%40ss@host'), {
    scheme: 'http:',
    text: 'http://host',
    credentials: 'me:p@ss',
  });
  for (const url of [
    '',
    'x',
    'ftp://x',
    'http://',
    'http://a b',
    'http://a\n',
    'http://a/?q',
    'http://a/#f',
    'file://h/x',
  ])
    t.throws(() => parseCacheUrl(url), { code: 'invalid-url' }, url);
  t.throws(() => parseCacheUrl(`http://${'a'.repeat(5000)}`), { code: 'invalid-url' });
});

t.test('what a narinfo names is in the cache, or on the web', async (t) => {
  const web = parseCacheUrl('http://host/cache');
  t.equal(resolveInCache(web, 'nar/x.nar.xz'), 'http://host/cache/nar/x.nar.xz');
  t.equal(resolveInCache(web, '/nar/x'), 'http://host/nar/x');
  t.equal(resolveInCache(web, 'https://other/x?y=1#z'), 'https://other/x?y=1');
  for (const name of ['file:///etc/passwd', 'ftp://a/b', 'http://u:p@h/x', 'http://169.254.169.254/x', 'a b', 'a\r\nb'])
    t.equal(resolveInCache(web, name), undefined, name);
  const directory = parseCacheUrl('/srv/cache');
  t.equal(resolveInCache(directory, 'nar/x'), 'file:///srv/cache/nar/x');
  for (const name of ['../x', '/etc/passwd', 'file:///etc/passwd', 'nar/../../x', '%2e%2e/x', 'http://host/x'])
    t.equal(resolveInCache(directory, name), undefined, name);
});

t.test('S75: redirections stay on the web', async (t) => {
  t.equal(resolveRedirection('http://a/b/c', '../d'), 'http://a/d');
  t.equal(resolveRedirection('http://a/b', 'https://c/'), 'https://c/');
  for (const location of ['file:///etc/passwd', 'ftp://a', 'http://[fe80::1]/', '//169.254.1.1/x', 'http://u@h/'])
    t.equal(resolveRedirection('http://a/', location), undefined, location);
});

t.test('addresses of the link', async (t) => {
  for (const address of ['169.254.169.254', 'fe80::1', 'FE80::1', '::ffff:169.254.0.1', '[fe80::1]', 'fd00:ec2::254'])
    t.ok(isForbiddenAddress(address), address);
  for (const address of ['127.0.0.1', '10.0.0.1', '::1', 'fd00::1', '168.254.1.1', 'host'])
    t.notOk(isForbiddenAddress(address), address);
});
