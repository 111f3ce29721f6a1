import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { chunksOf } from '../../../test/support/arbitrary-chunks.ts';
import { hashParts, hashText } from '../../../test/support/arbitrary-hash-text.ts';
import { ReferenceScanner } from './reference-scanner.ts';

const part = 'k2l9a3v0x7n1q8b5d4f6g0h3i9j2m1p7';

function scan(parts: readonly string[], chunks: readonly Uint8Array[]): string[] {
  const scanner = new ReferenceScanner(parts);
  for (const chunk of chunks) scanner.push(chunk);
  return scanner.found();
}

t.test('finds what a search for each hash part finds, however the text is cut', async () => {
  const sample = hashParts.chain((parts) =>
    hashText(parts).chain((text) => fc.tuple(fc.constant(parts), chunksOf(text))),
  );
  fc.assert(
    fc.property(sample, ([parts, chunks]) => {
      const text = Buffer.concat(chunks).toString('latin1');
      const expected = parts.filter((candidate) => text.includes(candidate));
      assert.deepEqual(scan(parts, chunks), expected);
    }),
    { numRuns: 2000 },
  );
});

t.test('finds hash parts of a large set, more than the small table is for', async (t) => {
  const letters = 'abcdfghijklmnpqrsvwxyz';
  const parts = Array.from({ length: 3000 }, (_, index) => {
    const digits = [...String(index).padStart(8, '0')];
    return digits
      .map((digit) => digit + letters[Number(digit)] + letters[index % 22] + letters[(index * 7) % 22])
      .join('');
  });
  const wanted = parts.filter((_, index) => index % 7 === 0);
  t.strictSame(scan(parts, [Buffer.from(wanted.join(''))]), wanted);
  t.strictSame(scan(parts, [Buffer.from(parts.map((candidate) => candidate.slice(1)).join('!'))]), []);
});

t.test('S44: every place and every cut', async (t) => {
  for (let before = 0; before < 70; before++) {
    const text = Buffer.from(`${'x'.repeat(before)}${part}${'-'.repeat(before % 5)}`);
    for (let cut = 0; cut <= text.length; cut++)
      if (scan([part], [text.subarray(0, cut), text.subarray(cut)]).length !== 1)
        t.fail(`lost at ${before}, cut at ${cut}`);
    const bytes = [...text].map((byte) => Uint8Array.of(byte));
    t.strictSame(scan([part], bytes), [part], `${before} bytes before it, byte by byte`);
  }
});

t.test('near misses are none', async (t) => {
  for (const text of [part.slice(1), part.slice(0, 31), part.toUpperCase(), `${part.slice(0, 16)}\0${part.slice(16)}`])
    t.strictSame(scan([part], [Buffer.from(text)]), [], JSON.stringify(text));
  t.strictSame(scan([part], [Buffer.from(part, 'utf16le')]), [], 'UTF-16');
});

t.test('hash parts that overlap are all found', async (t) => {
  const text = `${part}0123456789`;
  const parts = [0, 1, 2, 10].map((shift) => text.slice(shift, shift + 32));
  t.strictSame(scan(parts, [Buffer.from(text)]), parts);
});

t.test('candidates', async (t) => {
  t.strictSame(scan([part, part], [Buffer.from(part)]), [part], 'duplicates count once');
  t.strictSame(scan([], [Buffer.from(part)]), [], 'none to look for');
  for (const bad of [
    '',
    part.slice(1),
    `${part}0`,
    part.replace('k', 'e'),
    part.replace('k', 'K'),
    part.replace('k', 'ķ'),
  ])
    t.throws(() => new ReferenceScanner([bad]), { code: 'invalid-hash-part' }, JSON.stringify(bad));
});

t.test('chunks are only lent', async (t) => {
  const scanner = new ReferenceScanner([part]);
  const chunk = Buffer.from(part.slice(0, 20));
  scanner.push(chunk);
  chunk.fill(0);
  scanner.push(Buffer.from(part.slice(20)));
  t.strictSame(scanner.found(), [part]);
});
