import { isFault } from '@cooper/fault';
import fc from 'fast-check';
import t from 'tap';
import { decodeBase32, encodeBase32, isBase32 } from './index.ts';

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

// Expected texts come from `nix-hash --to-base32` (Nix 2.8.0); more of them are in the goldens of @cooper/hash.
const known = [
  ['', ''],
  ['00000000000000000000000000000000', '00000000000000000000000000'],
  ['ffffffffffffffffffffffffffffffff', '7zzzzzzzzzzzzzzzzzzzzzzzzz'],
  [
    '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    '07qy3lf1n6hr30bic58l2c91240g1q6hq2qa1440f1h50h1h4080',
  ],
] as const;

t.test('known texts, both ways', async (t) => {
  for (const [hex, text] of known) {
    t.equal(encodeBase32(bytesOf(hex)), text);
    t.same(decodeBase32(text), bytesOf(hex));
    t.ok(isBase32(text));
  }
});

t.test('what is not base-32 is refused, and says why', async (t) => {
  const cases = [
    ['e0', 'character 1 is no digit'],
    ['0o', 'character 2 is no digit'],
    ['u0', 'character 1 is no digit'],
    ['t0', 'character 1 is no digit'],
    ['0A', 'character 2 is no digit'],
    ['0é', 'character 2 is no digit'],
    ['0\u{1f600}'.slice(0, 2), 'character 2 is no digit'],
    ['0', 'no number of bytes is written with 1 digits'],
    ['000', 'no number of bytes is written with 3 digits'],
    ['000000', 'no number of bytes is written with 6 digits'],
    ['80', 'its first digit exceeds the last byte'],
    ['z0', 'its first digit exceeds the last byte'],
    ['27qy3lf1n6hr30bic58l2c91240g1q6hq2qa1440f1h50h1h4080', 'its first digit exceeds the last byte'],
  ] as const;
  for (const [text, reason] of cases) {
    t.throws(() => decodeBase32(text), { code: 'invalid-base32', facts: { text, reason } }, text);
    t.notOk(isBase32(text), text);
  }
});

t.test('a fault does not repeat a text of any length', async (t) => {
  const text = 'e'.repeat(1 << 20);
  t.throws(() => decodeBase32(text), { code: 'invalid-base32', message: /^.{1,300}$/ });
});

t.test('every byte sequence has one text, of the stated length', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = encodeBase32(bytes);
      return (
        isBase32(text) &&
        text.length === Math.ceil((bytes.length * 8) / 5) &&
        Buffer.compare(decodeBase32(text), bytes) === 0
      );
    }),
  );
});

t.test('a text either is the text of its bytes or is refused', async () => {
  const digit = fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyzAZ-');
  fc.assert(
    fc.property(fc.string({ unit: digit, maxLength: 20 }), (text) => {
      try {
        return encodeBase32(decodeBase32(text)) === text && isBase32(text);
      } catch (error) {
        return isFault(error, 'invalid-base32') && !isBase32(text);
      }
    }),
    { numRuns: 2000 },
  );
});
