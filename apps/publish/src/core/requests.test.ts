/** What requests ask for: addresses, ranges, and the compressions to choose from. */
import fc from 'fast-check';
import t from 'tap';
import { defaultChoices, parseChoice } from './compression.ts';
import { parseRange } from './range.ts';
import { narUrl, parseRoute } from './route.ts';

const base = `${'a'.repeat(32)}-x-1.0+b?c=d`;
const path = `/gnu/store/${base}`;
const route = (target: string) => parseRoute('/gnu/store', target);

t.test('addresses', async (t) => {
  t.same(route('/'), { kind: 'index' });
  t.same(route('/nix-cache-info?x=y'), { kind: 'cache-info' });
  t.same(route('/signing-key.pub'), { kind: 'signing-key' });
  t.same(route(`/${'a'.repeat(32)}.narinfo`), { kind: 'narinfo', hashPart: 'a'.repeat(32) });
  t.same(route(`/log/${encodeURIComponent(base)}`), { kind: 'log', path });
  t.same(route('/file/x.tar.gz/sha256/0abc'), {
    kind: 'file',
    name: 'x.tar.gz',
    hashAlgorithm: 'sha256',
    hash: '0abc',
  });
  for (const compression of ['none', 'gzip', 'zstd', 'br', 'xz'] as const) {
    t.same(route(`/${narUrl(base, compression)}`), { kind: 'nar', path, compression });
  }
});

t.test('what names nothing', async (t) => {
  const targets = [
    '',
    'x',
    '*',
    '//',
    '/x',
    '/.narinfo',
    `/${'e'.repeat(32)}.narinfo`,
    `/${'a'.repeat(32)}.ls`,
    '/nar',
    '/nar/',
  ];
  const others = [
    '/nar/lzma/x',
    `/nar/..%2f${base}`,
    `/nar/gzip/${'a'.repeat(32)}-x/`,
    '/nar/%',
    '/log/..',
    '/log',
    '/file/x/sha256',
  ];
  const more = [
    '/file/.x/sha256/0',
    '/file/x/sha/0',
    '/file/x/constructor/0',
    '/file/x/sha256/0/1',
    '/%2e%2e/etc/passwd',
  ];
  for (const target of [...targets, ...others, ...more]) t.equal(route(target), undefined, target);
  const unit = fc.constantFrom('/', '.', '%', '2f', 'nar', base, 'gzip', 'narinfo', '?', 'log', '\0');
  fc.assert(fc.property(fc.string({ unit, maxLength: 8 }), (text) => typeof route(`/${text}`) !== 'string'));
});

t.test('ranges', async (t) => {
  t.same(parseRange('bytes=0-9', 100), { start: 0, end: 9 });
  t.same(parseRange('bytes=90-', 100), { start: 90, end: 99 });
  t.same(parseRange('bytes=90-1000', 100), { start: 90, end: 99 });
  t.same(parseRange('bytes=-10', 100), { start: 90, end: 99 });
  t.same(parseRange('bytes=-1000', 100), { start: 0, end: 99 });
  for (const header of ['bytes=100-', 'bytes=-0', 'bytes=500-600']) t.equal(parseRange(header, 100), 'unsatisfiable');
  t.equal(parseRange('bytes=0-', 0), 'unsatisfiable');
  const ignored = [
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=9-8',
    'bytes=a-b',
    'bytes=0-1,5-6',
    'items=0-1',
    'bytes=0x1-2',
  ];
  for (const header of ignored) t.equal(parseRange(header, 100), undefined, header ?? 'none');
});

t.test('compressions', async (t) => {
  t.same(parseChoice('zstd:19'), { compression: 'zstd', level: 19 });
  t.same(parseChoice('gzip'), defaultChoices[0]);
  t.same(parseChoice('none'), { compression: 'none', level: 0 });
  for (const text of ['', 'lzma', 'gzip:0', 'gzip:10', 'gzip:', 'gzip:x', 'gzip:1:1', 'none:1', 'constructor']) {
    t.throws(() => parseChoice(text), { code: 'invalid-option' }, text);
  }
});
