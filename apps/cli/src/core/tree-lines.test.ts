import { parseStorePath, type StorePath } from '@cooper/store-path';
import fc from 'fast-check';
import t from 'tap';
import { branchesOf, orderAsForest } from './build-forest.ts';
import { BuildView } from './build-view.ts';
import { textWidth, withoutColours } from './text-width.ts';
import { BuildTree, type Frame } from './tree-lines.ts';

const digits = '0123456789abcdfghijklmnpqrsvwxyz';
const path = (name: string, index = 0) => {
  const hash = `${digits[index >> 5]}${digits[index & 31]}`.padEnd(32, '0');
  return parseStorePath('/gnu/store', `/gnu/store/${hash}-${name}.drv`);
};
const [bundle, check, hello, greet, zlib] = ['bundle', 'hello-check', 'hello', 'greet', 'zlib'].map((name) =>
  path(name),
) as [StorePath, StorePath, StorePath, StorePath, StorePath];
const frame: Frame = { width: 60, height: 20, now: 20_000, start: 0, colour: false, unicode: true };

function example(): { view: BuildView; tree: BuildTree } {
  const view = new BuildView();
  const tree = new BuildTree(view);
  view.apply({ event: 'planned', build: [bundle, check, hello, greet, zlib] });
  tree.setInputs(bundle, [check, hello]);
  tree.setInputs(check, [hello]);
  tree.setInputs(hello, [greet, zlib]);
  view.apply({ event: 'build-waiting', derivation: hello, reason: { for: 'inputs', count: 1 }, time: 0 });
  const start = { system: 'x86_64-linux', logFile: Buffer.from(''), process: 1, agent: 'builder' };
  view.apply({ event: 'build-started', derivation: greet, ...start, time: 1000 });
  view.apply({ event: 'build-succeeded', derivation: greet, outputs: [], duration: 1200, time: 2200 });
  view.apply({ event: 'build-started', derivation: zlib, ...start, time: 3000 });
  const data = Buffer.from('cc -O2 -c deflate.c -o deflate.o -I. -Wall -Wextra\n');
  view.apply({ event: 'build-log', derivation: zlib, data });
  return { view, tree };
}

t.test('a tree', async (t) => {
  t.same(example().tree.lines(frame), [
    '○ bundle',
    '└─ ○ hello-check',
    '   └─ ○ hello  waits for an input',
    '      ├─ ✔ greet  1.2s',
    '      └─ ● zlib  17s  cc -O2 -c deflate.c -o deflate.o -I. …',
    '1 running · 3 waiting · 1 of 5 built · 20s',
  ]);
});

t.test('without Unicode', async (t) => {
  t.same(example().tree.lines({ ...frame, unicode: false, width: 30 }), [
    '. bundle',
    '`- . hello-check',
    '   `- . hello  waits for an i~',
    '      |- + greet  1.2s',
    '      `- * zlib  17s  cc -O2 ~',
    '1 running, 3 waiting, 1 of 5 b',
  ]);
});

t.test('where there is no room, what runs comes first', async (t) => {
  t.same(example().tree.lines({ ...frame, height: 3 }), [
    '○ hello  waits for an input',
    '└─ ● zlib  17s  cc -O2 -c deflate.c -o deflate.o -I. -Wall …',
    '1 running · 3 waiting · 1 of 5 built · 20s',
  ]);
  t.same(example().tree.lines({ ...frame, height: 1 }), ['1 running · 3 waiting · 1 of 5 built · 20s']);
});

t.test('colours change nothing but colours', async (t) => {
  const lines = example().tree.lines({ ...frame, colour: true });
  t.ok(lines[4]?.includes('\x1b[33m●\x1b[0m zlib'));
  t.same(lines.map(withoutColours), example().tree.lines(frame));
});

t.test('without a plan there is nothing to show', async (t) => {
  t.same(new BuildTree(new BuildView()).lines(frame), []);
});

t.test('a failed build', async (t) => {
  const { view, tree } = example();
  const failure = {
    event: 'build-failed',
    derivation: zlib,
    status: 'permanent-failure',
    message: 'm',
    time: 5000,
  } as const;
  view.apply(failure);
  t.equal(tree.lines(frame)[4], '      └─ ✘ zlib  2.0s');
  t.equal(tree.lines(frame)[5], '1 failed · 3 waiting · 1 of 5 built · 20s');
});

/** A graph in which each node needs some of those behind it. */
const arbitraryGraph = fc
  .array(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }), { minLength: 1, maxLength: 40 })
  .map((steps) => {
    const paths = steps.map((_, index) => path(`node-${index}`, index));
    const inputs = new Map(
      paths.map((path, index) => [path, (steps[index] ?? []).flatMap((step) => paths[index + step] ?? [])]),
    );
    return { paths, inputsOf: (path: StorePath) => inputs.get(path) ?? [] };
  });

t.test('in any graph, each derivation is shown once, below something that needs it', async () => {
  fc.assert(
    fc.property(arbitraryGraph, ({ paths, inputsOf }) => {
      const places = orderAsForest(paths, inputsOf);
      const seen = new Set<StorePath>();
      const inOrder = places.every(({ path, parent }) => {
        const good = parent === undefined || (seen.has(parent) && inputsOf(parent).includes(path));
        return good && seen.size < seen.add(path).size;
      });
      return inOrder && seen.size === paths.length;
    }),
  );
});

t.test('in any graph, whatever is left out, branches lead on to a sibling or end', async () => {
  fc.assert(
    fc.property(arbitraryGraph, fc.infiniteStream(fc.boolean()), ({ paths, inputsOf }, keep) => {
      const shown = new Set(paths.filter(() => keep.next().value));
      const branches = branchesOf(orderAsForest(paths, inputsOf), shown);
      const good = branches.every(({ follows }, index) => {
        const depth = follows.length;
        const above = branches[index - 1]?.follows.length ?? -1;
        // The next line of the same depth, before one of a lesser depth, is the sibling that a branch promises.
        const next = branches.slice(index + 1).find((other) => other.follows.length <= depth);
        return depth <= above + 1 && (depth === 0 || follows[depth - 1] === (next?.follows.length === depth));
      });
      return good && branches.length === shown.size;
    }),
  );
});

t.test('no line is too wide, and there are not too many', async () => {
  const { tree } = example();
  fc.assert(
    fc.property(
      fc.integer({ min: 8, max: 100 }),
      fc.integer({ min: 1, max: 8 }),
      fc.boolean(),
      (width, height, unicode) => {
        const lines = tree.lines({ ...frame, width, height, unicode, colour: true });
        return lines.length <= height && lines.every((line) => textWidth(withoutColours(line)) <= width);
      },
    ),
  );
});

t.test('a graph of 10,000 takes no time', async (t) => {
  const view = new BuildView();
  const tree = new BuildTree(view);
  const paths = Array.from(
    { length: 10_000 },
    (_, i) => `/gnu/store/${String(i).padStart(32, '0')}-n.drv` as StorePath,
  );
  view.apply({ event: 'planned', build: paths });
  for (const [index, path] of paths.entries()) tree.setInputs(path, paths.slice(index + 1, index + 9));
  tree.lines(frame);
  const start = performance.now();
  for (let i = 0; i < 10; i++) t.equal(tree.lines(frame).length, 20);
  t.ok((performance.now() - start) / 10 < 100, 'less than the time between two frames');
});
