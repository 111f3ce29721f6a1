import fc from 'fast-check';
import t from 'tap';
import { fit, textWidth, withoutColours } from './text-width.ts';

t.test('columns', async (t) => {
  const widths: readonly [string, number][] = [
    ['', 0],
    ['hello', 5],
    ['äöü', 3],
    ['日本語', 6],
    ['e\u0301', 1],
    ['🦆', 2],
    ['…│└─●✔✘○·', 9],
    ['한국', 4],
    ['\u200b', 0],
  ];
  for (const [text, width] of widths) t.equal(textWidth(text), width, JSON.stringify(text));
});

t.test('a text that does not fit is cut', async (t) => {
  t.equal(fit('hello', 5), 'hello');
  t.equal(fit('hello!', 5), 'hell…');
  t.equal(fit('日本語', 5), '日本…');
  t.equal(fit('日本語', 4), '日…', 'no half characters');
  t.equal(fit('hello', 4, '~'), 'hel~');
  t.equal(fit('hello', 0), '');
  t.equal(fit('', 0), '');
});

t.test('what was cut always fits', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.nat(30),
      (text, columns) => textWidth(fit(text, columns)) <= columns,
    ),
  );
});

t.test('our colours have no width', async (t) => {
  t.equal(withoutColours('\x1b[33m●\x1b[0m name'), '● name');
});
