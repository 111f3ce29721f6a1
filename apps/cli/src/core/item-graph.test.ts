import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { diffClosures, splitName } from './closure-diff.ts';
import { expiredGenerations, parseAge } from './generations.ts';
import { closureOf, dotGraph, type Item, type ItemGraph, shortestChain, sizeOf } from './item-graph.ts';
import { squarify, treemapPicture } from './treemap.ts';

const path = (letter: string, name = letter) => `/store/${letter.repeat(32)}-${name}` as StorePath;

function graphOf(...items: readonly (readonly [StorePath, number, readonly StorePath[]])[]): ItemGraph {
  return new Map(items.map(([each, size, references]): [StorePath, Item] => [each, { path: each, size, references }]));
}

const [a, b, c, d] = [path('a'), path('b'), path('c'), path('d')];
const graph = graphOf([d, 1, []], [c, 20, [d, c]], [b, 300, [c]], [a, 4000, [b, c]]);

t.test('chains are as short as can be', async (t) => {
  t.strictSame(shortestChain(graph, a, d), [a, c, d]);
  t.strictSame(shortestChain(graph, a, a), [a]);
  t.equal(shortestChain(graph, d, a), undefined);
});

t.test('closures and their sizes', async (t) => {
  t.strictSame([...closureOf(graph, b)], [b, c, d]);
  t.equal(sizeOf(graph, closureOf(graph, b)), 321);
});

t.test('graphs for Graphviz', async (t) => {
  const lines = dotGraph(graph, ({ size }) => `"${size}"\n\\`);
  t.ok(lines.includes(`  "${c}" [label="\\"20\\"\\n\\\\"];`));
  t.strictSame(
    lines.filter((line) => line.includes('->')),
    [`  "${c}" -> "${d}";`, `  "${b}" -> "${c}";`, `  "${a}" -> "${b}";`, `  "${a}" -> "${c}";`],
  );
});

t.test('differences of closures', async (t) => {
  const before = graphOf([path('a', 'hello-2.12'), 10, []], [path('b', 'gone'), 5, []], [path('c', 'same-1'), 7, []]);
  const after = graphOf([path('d', 'hello-2.13'), 12, []], [path('f', 'new-0.1'), 3, []], [path('c', 'same-1'), 7, []]);
  t.strictSame(diffClosures(before, after), [
    { name: 'gone', before: [''], after: [], growth: -5 },
    { name: 'hello', before: ['2.12'], after: ['2.13'], growth: 2 },
    { name: 'new', before: [], after: ['0.1'], growth: 3 },
  ]);
  t.strictSame(splitName('gcc-toolchain-14.2.0-lib'), { name: 'gcc-toolchain', version: '14.2.0-lib' });
});

t.test('a treemap fills its area in proportion', async (t) => {
  const sizes = [6, 6, 4, 3, 2, 2, 1];
  const rectangles = squarify(sizes, { x: 0, y: 0, width: 6, height: 4 });
  t.strictSame(
    rectangles.map(({ width, height }) => Math.round(width * height * 1000) / 1000),
    sizes,
  );
  for (const { x, y, width, height } of rectangles) {
    t.ok(x >= 0 && y >= 0 && x + width < 6.0001 && y + height < 4.0001);
    t.ok(Math.max(width / height, height / width) < 4);
  }
  const picture = treemapPicture(
    [
      { path: path('a', 'a=b'), size: 2048 },
      { path: d, size: 0 },
    ],
    'a <title>',
  );
  t.match(picture, /a &#60;title&#62;/);
  t.match(picture, />a=b 2\.0 KiB<\/text>/);
  t.equal(picture.match(/<rect/g)?.length, 1);
  t.match(treemapPicture([], 'none'), /<\/svg>\n$/);
});

t.test('generations that are old', async (t) => {
  const generation = (number: number, time: number, isCurrent = false) => ({
    file: `p-${number}-link`,
    number,
    time,
    isCurrent,
  });
  const all = [generation(3, 300), generation(1, 100), generation(2, 200), generation(10, 1000, true)];
  const numbers = (since: number) => expiredGenerations(all, since).map(({ number }) => number);
  t.strictSame(numbers(250), [1], 'the second was current then');
  t.strictSame(numbers(300), [1, 2]);
  t.strictSame(numbers(2000), [1, 2, 3]);
  t.strictSame(numbers(50), []);
  t.strictSame(
    expiredGenerations([generation(1, 0, true), generation(2, 10)], 100).map(({ number }) => number),
    [],
  );
  t.strictSame(['1d', '2w', '1m', '3', 'd', '1y'].map(parseAge), [
    864e5,
    14 * 864e5,
    30 * 864e5,
    undefined,
    undefined,
    undefined,
  ]);
});
