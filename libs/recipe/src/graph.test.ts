import { join } from 'node:path';
import { toText } from '@cooper/byte-string';
import { hashBytes } from '@cooper/hash';
import t from 'tap';
import { derivation, makeGraph, type RecipeDerivation, source, text } from './index.ts';

const base = { system: 'x86_64-linux', builder: '/bin/sh' };
const storeDir = '/gnu/store';
const hashSource = () => hashBytes('sha256', Buffer.from('what is there'));
const graphOf = (...made: readonly RecipeDerivation[]) => makeGraph(storeDir, made, hashSource);
const sayings = (made: RecipeDerivation) => {
  const graph = graphOf(made);
  const found = graph.derivations.get(graph.derivationPath(made.node));
  if (found === undefined) throw new Error('the derivation is not in its graph');
  return { graph, found };
};

t.test('what strings name becomes an input, and nothing else does', async (t) => {
  const lib = derivation({ ...base, name: 'lib', outputs: ['out', 'dev', 'doc'] });
  const tool = derivation({ ...base, name: 'tool' });
  const unused = derivation({ ...base, name: 'unused' });
  const script = source('script.sh');
  const config = text('config', `script = ${script}\n`);
  const app = derivation({
    ...base,
    name: 'app',
    builder: `${tool}/bin/tool`,
    args: [script, `--include=${join(String(lib.dev), 'include')}`, '--not-this', `${unused.name}`],
    env: { LIBS: [lib, lib.dev], [`IN_NAME${lib.dev}`]: '' },
    inputs: [config],
  });
  const { graph, found } = sayings(app);
  const path = (item: Parameters<typeof graph.pathOf>[0]) => graph.pathOf(item);
  t.equal(toText(found.builder), `${path(tool.out)}/bin/tool`);
  t.same(found.args.slice(0, 2), [path(script), `--include=${path(lib.dev)}/include`]);
  t.equal(found.env.get('LIBS' as never), `${path(lib.out)} ${path(lib.dev)}`);
  t.ok(found.env.has(`IN_NAME${path(lib.dev)}` as never));
  const inputs = Object.fromEntries(found.inputDerivations);
  t.same(inputs, { [graph.derivationPath(lib.node)]: ['dev', 'out'], [graph.derivationPath(tool.node)]: ['out'] });
  t.same(found.inputSources, [path(script), path(config)].sort());
  t.same(
    graph.texts.map(({ name }) => name),
    ['lib.drv', 'tool.drv', 'config', 'app.drv'],
  );
  t.same(
    graph.sources.map((item) => item.source.file),
    [join(import.meta.dirname, 'script.sh')],
    'a relative source is beside the recipe',
  );
});

t.test('a graph depends on the store directory, its recipe does not', async (t) => {
  const lib = derivation({ ...base, name: 'lib' });
  const app = derivation({ ...base, name: 'app', args: [lib] });
  const there = makeGraph('/elsewhere', [app], hashSource);
  t.ok(there.pathOf(app.main).startsWith('/elsewhere/'));
  t.ok(graphOf(app).pathOf(app.main).startsWith('/gnu/store/'));
  t.notSame(there.pathOf(app.main).slice(-40), graphOf(app).pathOf(app.main).slice(-40));
});

t.test('what is written twice is one store item', async (t) => {
  const lib = () => derivation({ ...base, name: 'lib', args: [source('same'), text('t', 'x')] });
  const graph = graphOf(derivation({ ...base, name: 'app', args: [lib(), lib()] }));
  t.same(
    graph.texts.map(({ name }) => name),
    ['t', 'lib.drv', 'app.drv'],
  );
  t.equal(graph.sources.length, 1);
});

t.test('a chain of 20,000 is no deep recursion', async (t) => {
  let last = derivation({ ...base, name: 'link' });
  for (let i = 1; i < 20_000; i++) last = derivation({ ...base, name: 'link', env: { last } });
  t.equal(graphOf(last).texts.length, 20_000);
});

t.test('sources and texts that cannot be', async (t) => {
  const lib = derivation({ ...base, name: 'lib' });
  t.throws(() => text('t', `see ${lib}`), {
    message: /text `t': it names output `out' of `lib', which is built later/,
  });
  t.throws(() => text('t.drv', ''), { message: /its name ends in \.drv/ });
  t.throws(() => source('a b'), { message: /graph\.test\.ts:\d+:\d+: source `a b': invalid name/ });
  t.doesNotThrow(() => source('a b', { name: 'a-b' }));
  t.equal(source(new URL('x', import.meta.url)).file, join(import.meta.dirname, 'x'));
  const gone = derivation({ ...base, name: 'app', args: [source('gone')] });
  const readSource = () => {
    throw new Error('ENOENT: no such file');
  };
  const message = /graph\.test\.ts:\d+:\d+: source `.*\/gone': ENOENT: no such file$/;
  t.throws(() => makeGraph(storeDir, [gone], readSource), { code: 'invalid-recipe', message });
});

t.test('a derivation file is a file like others', async (t) => {
  const lib = derivation({ ...base, name: 'lib' });
  const { graph, found } = sayings(derivation({ ...base, name: 'reader', args: [lib.file] }));
  t.same(found.inputSources, [graph.derivationPath(lib.node)]);
  t.equal(found.inputDerivations.size, 0);
});
