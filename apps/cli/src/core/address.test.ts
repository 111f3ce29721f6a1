import t from 'tap';
import { parseAddress } from './address.ts';

t.test('addresses', async (t) => {
  t.same(parseAddress('8080'), { host: 'localhost', port: 8080 });
  t.same(parseAddress('0.0.0.0:80'), { host: '0.0.0.0', port: 80 });
  t.same(parseAddress('cache.example:0'), { host: 'cache.example', port: 0 });
  t.same(parseAddress('[::1]:8080'), { host: '::1', port: 8080 });
  for (const text of ['', ':80', 'x', 'x:', '::1:80', '65536', 'x:-1', '[::1]80', 'http://x:80'])
    t.throws(() => parseAddress(text), { code: 'invalid-option' }, text);
});
