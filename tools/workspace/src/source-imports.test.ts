import t from 'tap';
import { blankComments, blankCommentsAndStrings, findSourceImports } from './source-imports.ts';

t.test('finds every shape of import, with its line', async (t) => {
  const source = [
    "import { a } from 'node:fs';",
    "import type { B } from './b.ts';",
    "import './effect.ts';",
    "import {\n  c,\n  d,\n} from '@cooper/nar';",
    "export { e } from './e.ts';",
    "export * from './f.ts';",
    "const g = await import('./g.ts');",
    "const h = createRequire(import.meta.url)('../h.node');",
    "import i, { j } from 'tap'; import * as k from 'k';",
  ].join('\n');
  t.same(
    findSourceImports(source).map(
      ({ specifier, line, typeOnly }) => `${line} ${specifier}${typeOnly ? ' (type)' : ''}`,
    ),
    [
      '1 node:fs',
      '2 ./b.ts (type)',
      '3 ./effect.ts',
      '7 @cooper/nar',
      '8 ./e.ts',
      '9 ./f.ts',
      '10 ./g.ts',
      '11 ../h.node',
      '12 tap',
      '12 k',
    ],
  );
});

t.test('words in comments, strings and exported values are no imports', async (t) => {
  const source = [
    "// import { a } from 'a';",
    "/* import 'b'; */",
    'const text = "import x from \'c\'";',
    "export const d = 'from';",
    "export function e() { return 'e'; }",
    "export default 'f';",
  ].join('\n');
  t.same(findSourceImports(source), []);
});

t.test('quotes in regular expressions and templates do not hide what follows', async (t) => {
  const source = ['const quote = /[\'"`]/g;', "import a from 'a'; // `", "import b from 'b';"].join('\n');
  t.same(
    findSourceImports(source).map(({ specifier }) => specifier),
    ['a', 'b'],
  );
});

t.test('comments turn to spaces, lines stay', async (t) => {
  t.equal(blankComments("a // b\n/* c\n */ 'd // e' / 2 / 3"), "a     \n    \n    'd // e' / 2 / 3");
  t.equal(blankCommentsAndStrings("a('b // c') // d"), "a('      ')     ");
});
