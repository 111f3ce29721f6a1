import t from 'tap';
import { inspect, maxDepth } from './inspection.ts';

const bytes = (...parts: (number | string)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));

/** `depth` lists, each in the other. */
const nested = (depth: number) => Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.of(0xc0)]);

const refused: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
  'nothing at all': [bytes(), /cut off, at byte 0/],
  'bytes behind the value': [bytes(0xc0, 0xc0), /bytes after the message, at byte 1/],
  'nesting past the limit': [nested(maxDepth + 1), /nested deeper than 32/],
  'nesting of a million': [nested(1_000_000), /nested deeper than 32/],
  'a list of 2^32-1': [bytes(0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0), /4294967295 values announced/],
  'a map of 2^32-1': [bytes(0xdf, 0xff, 0xff, 0xff, 0xff, 0xc0), /8589934590 values announced/],
  'a text of 4 GB': [bytes(0xdb, 0xff, 0xff, 0xff, 0xff, 'x'), /cut off, at byte 5/],
  'bytes of 4 GB': [bytes(0xc6, 0xff, 0xff, 0xff, 0xff, 'x'), /cut off/],
  'a text that is cut off': [bytes(0xa3, 'ab'), /cut off/],
  'a length that is cut off': [bytes(0xda, 0x01), /cut off/],
  'an integer that is cut off': [bytes(0xcf, 0, 0, 0, 0, 0, 0, 0), /cut off/],
  'a list that is cut off': [bytes(0x92, 0xc0), /announced/],
  'a float of 32 bits': [bytes(0xca, 0, 0, 0, 0), /type 0xca is not allowed/],
  'a float of 64 bits': [bytes(0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0), /type 0xcb is not allowed/],
  'the type that is never used': [bytes(0xc1), /type 0xc1/],
  'an extension of one byte': [bytes(0xd4, 0, 0), /type 0xd4/],
  'a time stamp': [bytes(0xd6, 0xff, 0, 0, 0, 0), /type 0xd6/],
  'a long extension': [bytes(0xc9, 0, 0, 0, 1, 1, 0), /type 0xc9/],
  'a key that is an integer': [bytes(0x81, 0x01, 0xc0), /a key that is not text/],
  'a key that is bytes': [bytes(0x81, 0xc4, 1, 'a', 0xc0), /a key that is not text/],
  'a key of more than 64 KiB': [bytes(0x81, 0xdb, 0, 1, 0, 0, 'a'.repeat(65_536), 0xc0), /a key that is not text/],
  'the same key twice': [bytes(0x82, 0xa1, 'a', 0xc0, 0xa1, 'a', 0xc0), /the same key twice, at byte 4/],
  'the same key in two forms': [bytes(0x82, 0xa1, 'a', 0xc0, 0xd9, 1, 'a', 0xc0), /the same key twice/],
  'a bad byte in text': [bytes(0xa2, 'a', 0xff), /text that is not UTF-8/],
  'half of a surrogate pair': [bytes(0xa3, 0xed, 0xa0, 0x80), /text that is not UTF-8/],
  'a bad byte in long text': [bytes(0xda, 0x01, 0x01, 'a'.repeat(256), 0xff), /text that is not UTF-8/],
  'a bad byte in a key': [bytes(0x81, 0xa1, 0xff, 0xc0), /text that is not UTF-8/],
};

for (const [what, [message, expected]] of Object.entries(refused)) {
  t.test(`refuses ${what}`, async (t) => {
    t.throws(() => inspect(message), { code: 'malformed-message', message: expected });
  });
}

t.test('refuses the same key twice among many', async (t) => {
  const keys = Array.from({ length: 100 }, (_, n) => bytes(0xa2, String(n).padStart(2, '0'), 0xc0));
  const map = (count: number, ...entries: Buffer[]) => Buffer.concat([Buffer.of(0xde, 0, count), ...entries]);
  inspect(map(100, ...keys));
  t.throws(() => inspect(map(101, ...keys, bytes(0xd9, 2, '42', 0xc0))), { message: /the same key twice/ });
});

t.test('accepts every type that is allowed', async () => {
  inspect(nested(maxDepth));
  for (const type of [0x00, 0x7f, 0xe0, 0xff, 0xc0, 0xc2, 0xc3, 0x80, 0x90, 0xa0]) inspect(bytes(type));
  for (const [type, size] of [0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1, 0xd2, 0xd3].map((type, n) => [type, 2 ** (n % 4)])) {
    inspect(Buffer.concat([Buffer.of(type as number), Buffer.alloc(size as number)]));
  }
  inspect(bytes(0xc4, 1, 0xff));
  inspect(bytes(0xc5, 0, 1, 0xff));
  inspect(bytes(0xc6, 0, 0, 0, 1, 0xff));
  inspect(bytes(0xd9, 2, 'é'));
  inspect(bytes(0xda, 0, 2, 'é'));
  inspect(bytes(0xdb, 0, 0, 0, 4, '𝄞'));
  inspect(bytes(0x81, 0xdb, 0, 0, 0, 1, 'a', 0xc0));
  inspect(bytes(0xdc, 0, 1, 0xc0));
  inspect(bytes(0xdd, 0, 0, 0, 1, 0xc0));
  inspect(bytes(0xde, 0, 1, 0xa1, 'a', 0xc0));
  inspect(bytes(0xdf, 0, 0, 0, 1, 0xa1, 'a', 0xc0));
});
