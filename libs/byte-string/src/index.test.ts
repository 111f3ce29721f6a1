import fc from 'fast-check';
import t from 'tap';
import { type ByteString, compareBytes, fromBytes, fromText, isUtf8, toBytes, toText } from './index.ts';

t.test('bytes survive, every value of them', async (t) => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const text = fromBytes(all);
  t.equal(text.length, 256);
  t.same(
    [...text].map((character) => character.charCodeAt(0)),
    [...all],
  );
  t.same(new Uint8Array(toBytes(text)), all);
});

t.test('a view into a larger buffer is taken, not the buffer', async (t) => {
  t.equal(fromBytes(Buffer.from('abcde').subarray(1, 4)), 'bcd');
  t.equal(fromBytes(new Uint8Array(Buffer.from('abcde')).subarray(2)), 'cde');
});

t.test('the bytes are a copy, both ways', async (t) => {
  const bytes = Buffer.from('abc');
  const text = fromBytes(bytes);
  bytes[0] = 0;
  t.equal(text, 'abc');
  const copy = toBytes(text);
  copy[0] = 0;
  t.equal(text, 'abc');
});

t.test('text becomes bytes by UTF-8', async (t) => {
  t.equal(fromText('a\0b'), 'a\0b');
  t.equal(fromText('ä'), '\xc3\xa4');
  t.equal(fromText('\u{1f600}'), '\xf0\x9f\x98\x80');
  t.equal(fromText('\ud800'), '\xef\xbf\xbd', 'a lone surrogate becomes U+FFFD');
  t.equal(toText(fromText('zä\u{1f600}\0')), 'zä\u{1f600}\0');
});

t.test('bytes that are not UTF-8 are shown as U+FFFD and known as such', async (t) => {
  const cases = ['\xff', 'a\xc3', '\xc0\x80', '\xed\xa0\x80', '\xf5\x80\x80\x80'] as ByteString[];
  for (const bytes of cases) {
    t.notOk(isUtf8(bytes), bytes);
    t.match(toText(bytes), '\ufffd');
  }
  for (const text of ['', 'plain', 'ä', '\ufffd', '\ufeffx', '\x7f\x80']) t.ok(isUtf8(fromText(text)), text);
  t.equal(toText(fromText('\ufeffx')), '\ufeffx', 'a byte order mark is text like any other');
});

t.test('the order is that of the bytes, not of UTF-16', async (t) => {
  const halfwidth = '\uff5a';
  const astral = '\u{10000}';
  t.ok(halfwidth > astral, 'UTF-16 puts the astral character first');
  t.equal(compareBytes(fromText(halfwidth), fromText(astral)), -1);
  t.equal(compareBytes('b', 'a'), 1);
  t.equal(compareBytes('a', 'a'), 0);
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      return compareBytes(fromBytes(a), fromBytes(b)) === Buffer.compare(a, b);
    }),
  );
});

t.test('round trips', async () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => Buffer.compare(toBytes(fromBytes(bytes)), bytes) === 0));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = fromText(text);
      return isUtf8(bytes) && toText(bytes) === text && fromBytes(Buffer.from(text)) === bytes;
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const lossless = Buffer.compare(Buffer.from(Buffer.from(bytes).toString()), bytes) === 0;
      return isUtf8(fromBytes(bytes)) === lossless;
    }),
  );
});
