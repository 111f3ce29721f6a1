import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashBytes } from '@cooper/hash';
import t from 'tap';
import { loadRecipe, makeGraph, selectItems, targetOf } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'cooper-recipe-'));
t.teardown(() => rmSync(directory, { recursive: true }));

const start = "import { derivation, source, text } from '@cooper/recipe';\n";
const made = "const lib = derivation({ name: 'lib', builder: '/bin/sh', outputs: ['out', 'dev'] });\n";
let count = 0;

function write(contents: string): string {
  const file = join(directory, `recipe ${++count}.ts`);
  writeFileSync(file, contents);
  return file;
}

const load = (contents: string) => loadRecipe(write(start + contents));
const names = async (contents: string) => [...(await load(contents)).items.keys()];

t.test('the default export is one thing, a list or a record', async (t) => {
  t.same(await names(`${made}export default lib;`), ['']);
  t.same(await names(`${made}export default [lib, lib.dev, source('./x')];`), ['0', '1', '2']);
  t.same(await names(`${made}export default { lib, more: { dev: lib.dev, list: [text('t', '')] } };`), [
    'lib',
    'more.dev',
    'more.list.0',
  ]);
});

t.test('types are stripped, and modules beside the recipe can be imported', async (t) => {
  writeFileSync(join(directory, 'part.ts'), `${start}export const lib: unknown = text('t', 'x');`);
  const recipe = await loadRecipe(write("import { lib } from './part.ts';\nexport default lib as object;\n"));
  t.equal(recipe.items.size, 1);
});

t.test('names choose from a recipe', async (t) => {
  const recipe = await load(`${made}export default { lib, more: { dev: lib.dev, out: lib.out }, moreover: lib };`);
  const lib = recipe.items.get('lib');
  t.same(selectItems(recipe, []).length, 4);
  t.same(selectItems(recipe, ['lib']), [lib]);
  t.same(selectItems(recipe, ['more']).length, 2, 'a part of a name is no name');
  t.throws(() => selectItems(recipe, ['mor']), {
    code: 'no-such-item',
    message: /has nothing called `mor': it exports lib, more\.dev, more\.out, moreover/,
  });
  const single = await load(`${made}export default lib;`);
  t.throws(() => selectItems(single, ['lib']), { message: /it exports one thing without a name/ });
});

t.test('what a scheduler is asked for', async (t) => {
  const recipe = await load(`${made}export default [lib, lib.dev, text('t', 'x')];`);
  const items = [...recipe.items.values()];
  const graph = makeGraph('/gnu/store', items, () => hashBytes('sha256', Buffer.from('')));
  const [whole = '', dev, text] = items.map((item) => targetOf(graph, item));
  t.match(whole, /^\/gnu\/store\/[0-9a-z]{32}-lib\.drv$/);
  t.equal(dev, `${whole}!dev`);
  t.match(text, /^\/gnu\/store\/[0-9a-z]{32}-t$/);
});

t.test('host paths for the sandbox', async (t) => {
  const rest = `${made}export default lib;`;
  t.same((await load(rest)).sandboxPaths, []);
  t.same((await load(`${rest}export const sandboxPaths = ['/usr', '/bin=/usr/bin'];`)).sandboxPaths, [
    '/usr',
    '/bin=/usr/bin',
  ]);
  for (const wrong of ["'/usr'", "['usr']", '[1]', '{}']) {
    await t.rejects(load(`${rest}export const sandboxPaths = ${wrong};`), {
      code: 'invalid-recipe',
      message: /`sandboxPaths' is not a list of absolute paths/,
    });
  }
});

t.test('recipes that fail say where', async (t) => {
  const cases: readonly [string, string, RegExp][] = [
    ["const x = 1;\nthrow new Error('no luck');", 'recipe-failed', /recipe \d+\.ts:3:7: Error: no luck$/],
    ['export default lib;', 'recipe-failed', /recipe \d+\.ts:2:16: ReferenceError: lib is not defined$/],
    ["import 'nonesuch';", 'recipe-failed', /recipe \d+\.ts: Error .*: Cannot find package 'nonesuch'/],
    ['export default lib lib;', 'recipe-failed', /recipe \d+\.ts(:2)?: SyntaxError/],
    ['enum A { B }\nexport default A;', 'recipe-failed', /recipe \d+\.ts(:2)?: SyntaxError/],
    ["export default derivation({ name: 'x' });", 'invalid-recipe', /recipe \d+\.ts:2:16: derivation `x': builder: a/],
    ['export default 42;', 'invalid-recipe', /recipe \d+\.ts: its default export is no derivation, no output/],
    ['export default { a: [() => 1] };', 'invalid-recipe', /`a\.0' of its default export is no derivation/],
    ['const a = {}; a.a = a; export default a;', 'invalid-recipe', /its default export contains itself/],
    ['export default [];', 'invalid-recipe', /its default export is empty/],
    ['export const other = 1;', 'invalid-recipe', /its default export is no derivation/],
  ];
  for (const [contents, code, message] of cases) await t.rejects(load(contents), { code, message }, contents);
  await t.rejects(loadRecipe(join(directory, 'none.ts')), {
    code: 'no-recipe',
    message: /there is no recipe `\/.*none/,
  });
});

t.test('standard output is left alone', async (t) => {
  const written = t.capture(process.stderr, 'write', () => true);
  const { log } = console;
  await load(`console.log('said by a recipe');\n${made}export default lib;`);
  t.match(written.args().flat().join(''), /said by a recipe/);
  t.equal(console.log, log, 'the console is as it was');
});
