import fc from 'fast-check';
import t from 'tap';
import { LogLines } from './log-lines.ts';

const bytes = (text: string) => Buffer.from(text);

t.test('lines come when they end', async (t) => {
  const lines = new LogLines();
  t.same(lines.push(bytes('one\ntwo\r\nthr')), ['one', 'two']);
  t.equal(lines.unfinished, 'thr');
  t.same(lines.push(bytes('ee\n\n')), ['three', '']);
  t.same(lines.end(), []);
});

t.test('a last line without an end', async (t) => {
  const lines = new LogLines();
  t.same(lines.push(bytes('$ ')), []);
  t.same(lines.end(), ['$ ']);
  t.same(lines.end(), []);
});

t.test('chunks may be cut anywhere, inside characters too', async () => {
  const text = fc.array(fc.constantFrom('a', 'ä', '🦆', '\n', '\r\n', '日')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 5 })), (text, sizes) => {
      const whole = new LogLines();
      const expected = [...whole.push(bytes(text)), ...whole.end()];
      const cut = new LogLines();
      const found: string[] = [];
      let rest = bytes(text);
      for (const size of sizes) {
        found.push(...cut.push(rest.subarray(0, size)));
        rest = rest.subarray(size);
      }
      found.push(...cut.push(rest), ...cut.end());
      // Where a carriage return and its line feed are cut apart, the line is the same.
      return JSON.stringify(found) === JSON.stringify(expected);
    }),
  );
});

t.test('bytes that are not UTF-8 are replaced', async (t) => {
  t.same(new LogLines().push(Buffer.from([0x61, 0xff, 0x62, 0x0a])), ['a\ufffdb']);
});

t.test('a line that never ends takes no memory', async (t) => {
  const lines = new LogLines();
  let count = 0;
  for (let i = 0; i < 100; i++) count += lines.push(bytes('x'.repeat(10_000))).join('').length;
  t.ok(lines.unfinished.length <= 16_384);
  t.equal(count + lines.end().join('').length, 1_000_000);
  t.equal(Math.max(...lines.push(bytes(`${'y'.repeat(100_000)}\n`)).map(({ length }) => length)), 16_384);
});
