import t from 'tap';
import { contentMirrorsOf } from './content-mirrors.ts';
import { Atom, readDatum, strings } from './datum.ts';
import { expandUrl, mirrorsOf } from './mirrors.ts';

t.test('data as Guix writes it', async (t) => {
  t.equal(readDatum('"a\\"b\\\\c\\n\\x41;"'), 'a"b\\c\nA');
  t.same(readDatum('; note\n("a" (b "c"))'), ['a', [new Atom('b'), 'c']]);
  t.same(readDatum("'(a)"), [new Atom('quote'), [new Atom('a')]]);
  t.same(strings(readDatum('\'\'("a" b "c")')), ['a', 'c']);
  t.same(strings(readDatum('"a"')), ['a']);
});

t.test('what is no datum, is too deep, or asks to be run', async (t) => {
  const deep = '('.repeat(100_000);
  for (const text of ['', ')', '(', '"', '#.(system "id")', '(a #.x)', '#(1)', '#\\a', deep, "'".repeat(100_000)])
    t.throws(() => readDatum(text), { code: 'invalid-datum' }, text.slice(0, 20));
});

t.test('S96: reading takes time in proportion to the length', async (t) => {
  const started = performance.now();
  for (const piece of ['; \n', ' ', '"\\', 'a;', '"a" '])
    t.doesNotThrow(() => {
      try {
        readDatum(`(${piece.repeat(200_000)}`);
      } catch (error) {
        if ((error as { code?: string }).code !== 'invalid-datum') throw error;
      }
    }, piece);
  t.ok(performance.now() - started < 10_000);
});

t.test('mirrors', async (t) => {
  const mirrors = mirrorsOf(readDatum('((gnu "http://a" "http://b/") odd (apache))'));
  t.same(expandUrl('mirror://gnu/x/y.tar', mirrors), ['http://a/x/y.tar', 'http://b/x/y.tar']);
  t.same(expandUrl('mirror://apache/x', mirrors), []);
  t.same(expandUrl('mirror://constructor/x', mirrors), []);
  t.same(expandUrl('http://c/', mirrors), ['http://c/']);
});

t.test('S80: only procedures of the one known form are mirrors', async (t) => {
  const append = '(string-append "http://h/" file)';
  const count = (text: string) => contentMirrorsOf(readDatum(text)).length;
  t.equal(count(`(list (lambda (file algo hash) ${append}))`), 1);
  t.equal(count('(quote ())'), 0);
  for (const odd of [
    `(lambda (file hash algo) ${append})`,
    `(lambda (file algo hash) (display "x") ${append})`,
    '(lambda (file algo hash) (system "id"))',
    '(lambda (file algo hash) (string-append "http://h/" (getenv "HOME")))',
    '(lambda (file algo hash) (string-append "http://h/" constructor))',
    '(unknown "host")',
    'x',
  ])
    t.equal(count(`(list ${odd})`), 0, odd);
});
