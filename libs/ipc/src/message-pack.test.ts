import { deepStrictEqual } from 'node:assert/strict';
import { isFault } from '@cooper/fault';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import t from 'tap';
import { decode, encode } from './message-pack.ts';

/** Whatever the contracts can carry. The key `__proto__` is no field of any. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n + 1n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) - 1n }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
}));

t.test('what is encoded decodes to the same', async () => {
  fc.assert(
    fc.property(value, (value) => deepStrictEqual(decode(encode(value)), value)),
    { numRuns: 300 },
  );
});

t.test('integers are integers on the wire, at every boundary', async (t) => {
  const exponents = [7, 8, 15, 16, 31, 32, 52, 53];
  const around = exponents.flatMap((n) => [2 ** n - 1, 2 ** n, 2 ** n + 1]).filter(Number.isSafeInteger);
  for (const n of [0, ...around, ...around.map((n) => -n)]) t.strictSame(decode(encode({ n })), { n });
  t.strictSame(decode(encode([-0])), [0]);
});

t.test('room in front is left for a header', async (t) => {
  const message = encode([1, 'x'], 4);
  t.strictSame(decode(message.subarray(4)), [1, 'x']);
});

t.test('undefined fields are left out, undefined items are nil', async (t) => {
  const record = { a: undefined, b: 1, c: { d: undefined } };
  t.strictSame(decode(encode(record)), { b: 1, c: {} });
  t.strictSame(record, { a: undefined, b: 1, c: { d: undefined } }, 'what is sent stays as it was');
  t.strictSame(decode(encode([undefined, 1])), [null, 1]);
});

t.test('text that UTF-8 has no form for is mended', async (t) => {
  t.strictSame(decode(encode(['\ud800', `${'x'.repeat(100)}\udc00`])), ['\ufffd', `${'x'.repeat(100)}\ufffd`]);
});

t.test('what the wire cannot carry is a bug of the sender', async (t) => {
  for (const wrong of [
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2n ** 64n,
    new Date(),
    new Map(),
    () => 1,
    Symbol('x'),
  ]) {
    try {
      encode({ field: [wrong] });
      t.fail(`${String(wrong)} was sent`);
    } catch (error) {
      t.notOk(isFault(error), `${String(wrong)} is refused`);
    }
  }
});

t.test('a key __proto__ does no harm', async (t) => {
  const hostile = Buffer.concat([Buffer.of(0x81, 0xa9), Buffer.from('__proto__'), Buffer.of(0x81, 0xa1, 0x78, 0x01)]);
  const decoded = decode(hostile) as { x?: unknown };
  t.equal(decoded.x, undefined);
  t.equal(Object.getPrototypeOf(decoded), Object.prototype);
  t.equal(({} as { x?: unknown }).x, undefined);
});

t.test('S88: changed messages decode or are refused with a fault, in bounded time', async () => {
  const library = new Packr({ useRecords: false });
  const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), cut: fc.nat({ max: 20 }) });
  fc.assert(
    fc.property(value, fc.array(change, { minLength: 1, maxLength: 4 }), (value, changes) => {
      const message = Buffer.from(encode(value));
      for (const { at, byte } of changes) message[at % message.length] = byte;
      const whole = changes[0]?.cut === 0 ? message.subarray(0, -1) : message;
      try {
        decode(whole);
      } catch (error) {
        if (!isFault(error, 'malformed-message')) throw error;
        return;
      }
      // What passes the inspection is a message for the library, too.
      library.unpack(whole);
    }),
    { numRuns: 3000 },
  );
});

t.test('noise decodes or is refused with a fault', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decode(Buffer.from(bytes));
      } catch (error) {
        if (!isFault(error, 'malformed-message')) throw error;
      }
    }),
    { numRuns: 5000 },
  );
});
