import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { chunksOf } from '../../../test/support/arbitrary-chunks.ts';
import { hashParts, hashText } from '../../../test/support/arbitrary-hash-text.ts';
import { HashRewriter } from './hash-rewriter.ts';

const first = 'k2l9a3v0x7n1q8b5d4f6g0h3i9j2m1p7';
const second = '0000000000000000000000000000000z';

function rewrite(rewrites: ReadonlyMap<string, string>, chunks: readonly Uint8Array[]): string {
  const rewriter = new HashRewriter(rewrites);
  const pieces = chunks.map((chunk) => rewriter.push(chunk));
  return Buffer.concat([...pieces, rewriter.end()]).toString('latin1');
}

/** What the reference does with one pair: replace, then look again from the place that was replaced. */
function rewriteOne(text: string, from: string, to: string): string {
  let result = text;
  for (let at = result.indexOf(from); at >= 0; at = result.indexOf(from, at))
    result = result.slice(0, at) + to + result.slice(at + from.length);
  return result;
}

t.test('one pair is rewritten as the reference does it, however the text is cut', async () => {
  const sample = hashParts
    .filter((parts) => parts.length >= 2)
    .chain((parts) => hashText(parts).chain((text) => fc.tuple(fc.constant(parts), chunksOf(text))));
  fc.assert(
    fc.property(sample, ([[from = '', to = ''], chunks]) => {
      const text = Buffer.concat(chunks).toString('latin1');
      assert.equal(rewrite(new Map([[from, to]]), chunks), rewriteOne(text, from, to));
    }),
    { numRuns: 2000 },
  );
});

t.test('S45: every place and every cut', async (t) => {
  for (let before = 0; before < 70; before++) {
    const expected = `${'x'.repeat(before)}${second}-tail`;
    const text = Buffer.from(expected.replace(second, first));
    for (let cut = 0; cut <= text.length; cut++) {
      const result = rewrite(new Map([[first, second]]), [text.subarray(0, cut), text.subarray(cut)]);
      if (result !== expected) t.fail(`wrong at ${before}, cut at ${cut}: ${result}`);
    }
  }
  t.pass('rewritten in its place');
});

t.test('several pairs at once', async (t) => {
  const text = Buffer.from(`${first}${second}-${second}`);
  const exchange = new Map([
    [first, second],
    [second, first],
  ]);
  t.equal(rewrite(exchange, [text]), `${second}${first}-${first}`, 'exchanged');
  t.equal(rewrite(new Map(), [text]), text.toString(), 'no pairs: unchanged');
  t.equal(rewrite(new Map([[first, first]]), [text]), text.toString(), 'a pair of equals changes nothing and ends');
});

t.test('chunks are lent and stay as they are', async (t) => {
  const rewriter = new HashRewriter(new Map([[first, second]]));
  const chunk = Buffer.from(`${first}${first.slice(0, 20)}`);
  const copy = Buffer.from(chunk);
  const start = Buffer.from(rewriter.push(chunk)).toString();
  t.strictSame(chunk, copy, 'not written to');
  chunk.fill(0);
  const rest = Buffer.from(rewriter.push(Buffer.from(first.slice(20)))).toString();
  t.equal(start + rest + Buffer.from(rewriter.end()).toString(), second + second);
});

t.test('pairs that are no hash parts', async (t) => {
  const isRefused = { code: 'invalid-hash-part' };
  t.throws(() => new HashRewriter(new Map([['short', second]])), isRefused);
  t.throws(() => new HashRewriter(new Map([[first, `${second}0`]])), isRefused, 'another length would move the rest');
});
