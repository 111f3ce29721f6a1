/** Frames told byte by byte: every form of a value that the codec writes. */
import { toFrame } from '@cooper/ipc';
import t from 'tap';
import { outline } from './message-outline.ts';

function linesOf(params: unknown): string[] {
  const lines = outline(toFrame({ kind: 'request', id: 2, method: 'm', params }), '>');
  return lines.slice(6).map((line) => line.trim().replace(/ {2,}/g, ' | '));
}

t.test('a request begins with its length and its parts', async (t) => {
  const lines = outline(toFrame({ kind: 'request', id: 2, method: 'm', params: {} }), '>');
  t.match(lines[0], /^> 00000008 +8 bytes follow$/);
  t.match(lines[1], /^ {2}94 +a list of 4$/);
  t.match(lines[4], /^ {3}a1 6d +"m"$/);
});

t.test('each kind of value', async (t) => {
  const params = {
    n: null,
    t: true,
    f: false,
    i: 5,
    j: -3,
    k: 70_000,
    l: 2 ** 40,
    m: -(2 ** 40),
    b: Buffer.of(1, 255),
  };
  t.strictSame(linesOf(params), [
    'a1 6e c0 | "n": nil',
    'a1 74 c3 | "t": true',
    'a1 66 c2 | "f": false',
    'a1 69 05 | "i": 5',
    'a1 6a fd | "j": -3',
    'a1 6b ce 00011170 | "k": 70000',
    'a1 6c d3 0000010000000000 | "l": 1099511627776',
    'a1 6d d3 ffffff0000000000 | "m": -1099511627776',
    'a1 62 c4 02 01ff | "b": 2 bytes',
  ]);
});

t.test('what is long', async (t) => {
  const lines = linesOf({ s: 'x'.repeat(300), l: Array.from({ length: 20 }, () => 1) });
  t.equal(lines[0], `a1 73 da 012c ${'78'.repeat(8)}… | "s": "${'x'.repeat(300)}"`);
  t.equal(lines[1], 'a1 6c dc 0014 | "l": a list of 20');
  t.equal(lines.length, 22);
});
