import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { finish, removeTree, treeComparing } from './index.ts';

/** Contents of a file, target of a link, or a directory. */
type Tree = string | { readonly target: string } | ReadonlyMap<string, Tree>;

function make(path: string, tree: Tree): void {
  if (typeof tree === 'string') writeFileSync(path, tree);
  else if (tree instanceof Map) {
    mkdirSync(path);
    for (const [name, below] of tree) make(`${path}/${name}`, below);
  } else symlinkSync((tree as { target: string }).target, path);
}

/** What is to be told, found in the plainest way. */
function differing(one: Tree | undefined, other: Tree | undefined, path = ''): string[] {
  if (!(one instanceof Map && other instanceof Map)) return JSON.stringify(one) === JSON.stringify(other) ? [] : [path];
  const names = [...new Set([...one.keys(), ...other.keys()])];
  return names.flatMap((name) => differing(one.get(name), other.get(name), path === '' ? name : `${path}/${name}`));
}

const compare = (area: string, limit = 1000) => finish(treeComparing(`${area}/one`, `${area}/other`, limit));

const { tree } = fc.letrec<{ tree: Tree; directory: ReadonlyMap<string, Tree> }>((tie) => ({
  directory: fc
    .array(fc.tuple(fc.constantFrom('a', 'a-', 'a.b', 'b', 'é'), tie('tree')), { maxLength: 4 })
    .map((entries) => new Map(entries)),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('', 'x', { target: 'x' }),
    tie('directory') as fc.Arbitrary<Tree>,
  ),
}));

t.test('what differs between any two trees', async (t) => {
  const area = temporaryDirectory(t);
  fc.assert(
    fc.property(tree, tree, (one, other) => {
      make(`${area}/one`, one);
      make(`${area}/other`, other);
      const expected = differing(one, other).map((path) => Buffer.from(path).toString('latin1'));
      try {
        assert.deepEqual(compare(area), expected.sort());
        assert.equal(compare(area, 1).length, Math.min(1, expected.length));
      } finally {
        removeTree(`${area}/one`);
        removeTree(`${area}/other`);
      }
    }),
    { numRuns: 300 },
  );
});

t.test('the executable bit, large files, and a limit', async (t) => {
  const area = temporaryDirectory(t);
  const files = Array.from({ length: 150 }, (_, index) => `f${String(index).padStart(3, '0')}`);
  for (const side of ['one', 'other']) {
    mkdirSync(`${area}/${side}`);
    writeFileSync(`${area}/${side}/same`, Buffer.alloc(2 ** 20, 'same'));
    writeFileSync(`${area}/${side}/large`, Buffer.alloc(2 ** 20, side));
    writeFileSync(`${area}/${side}/mode`, '');
    for (const file of files) writeFileSync(`${area}/${side}/${file}`, side);
  }
  chmodSync(`${area}/one/mode`, 0o744);
  t.strictSame(compare(area), [...files, 'large', 'mode']);
  t.strictSame(compare(area, 100), files.slice(0, 100));
});
