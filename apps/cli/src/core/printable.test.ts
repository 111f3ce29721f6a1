import fc from 'fast-check';
import t from 'tap';
import { lastOverprint, printable } from './printable.ts';

t.test('colours and cursor movements go, text stays', async (t) => {
  t.equal(printable('\x1b[1;31merror:\x1b[0m \x1b[Kno such file\x1b[2J'), 'error: no such file');
  t.equal(printable('plain\ttext, ä 日本 🦆'), 'plain\ttext, ä 日本 🦆');
});

t.test('what steers a terminal in other ways is shown', async (t) => {
  t.equal(printable('\x1b]52;c;aGk=\x07'), '\\x1b]52;c;aGk=\\x07', 'the clipboard');
  t.equal(printable('\x1b]8;;http://x\x1b\\link'), '\\x1b]8;;http://x\\x1b\\link', 'links');
  t.equal(printable('\x1b]0;title\x07\x9b31m\x00\x7f'), '\\x1b]0;title\\x07\\x9b31m\\x00\\x7f');
  t.equal(printable('/* \u202e } \u2066 */'), '/* \\u{202e} } \\u{2066} */', 'the direction of text');
  t.equal(printable('\x1b[31'), '\\x1b[31', 'a sequence that does not end');
});

t.test('nothing harmful is left of any text', async (t) => {
  const harmful = fc.constantFrom('\x1b', '[', '0', 'm', '\x9b', ']', '\x07', 'a', ';', '\u202e', '\x1b[');
  fc.assert(
    fc.property(fc.array(harmful), (parts) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      t.notMatch(printable(parts.join('')), /[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

t.test('what a progress bar leaves', async (t) => {
  t.equal(lastOverprint('10%\r20%\r100%'), '100%');
  t.equal(lastOverprint('10%\r20%\r'), '20%');
  t.equal(lastOverprint('\r\r'), '');
  t.equal(lastOverprint('no return'), 'no return');
});
