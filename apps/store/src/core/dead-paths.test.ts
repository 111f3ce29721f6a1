import fc from 'fast-check';
import t from 'tap';
import { deadPaths } from './dead-paths.ts';

const none = new Int32Array();

t.test('a path that a root leads to stays, with all it leads to', async (t) => {
  const references = Int32Array.of(0, 1, 1, 2, 3, 2, 4, 4);
  t.strictSame([...deadPaths({ count: 5, references, keeps: none, roots: [1] })], [0, 3, 4]);
  t.strictSame([...deadPaths({ count: 5, references, keeps: none, roots: [] })], [0, 3, 4, 1, 2]);
  t.strictSame([...deadPaths({ count: 5, references, keeps: Int32Array.of(2, 3), roots: [1] })], [0, 4]);
  t.strictSame([...deadPaths({ count: 0, references: none, keeps: none, roots: [] })], []);
});

t.test('what refers to each other in a circle stays', async (t) => {
  t.strictSame([...deadPaths({ count: 3, references: Int32Array.of(0, 1, 1, 0), keeps: none, roots: [] })], [2]);
});

/** References to lower numbers only, as when paths are registered one by one; `keeps` go anywhere. */
const graphs = fc.integer({ min: 1, max: 12 }).chain((count) => {
  const path = fc.nat(count - 1);
  const pairs = fc.array(fc.tuple(path, path), { maxLength: 30 });
  return fc.record({
    count: fc.constant(count),
    references: pairs.map((all) => all.map(([a, b]) => [Math.max(a, b), Math.min(a, b)] as const)),
    keeps: pairs,
    roots: fc.array(path, { maxLength: 3 }),
  });
});

t.test('it is what a search from each path finds, referrers first', async () => {
  fc.assert(
    fc.property(graphs, ({ count, references, keeps, roots }) => {
      const dead = [
        ...deadPaths({
          count,
          references: Int32Array.from(references.flat()),
          keeps: Int32Array.from(keeps.flat()),
          roots,
        }),
      ];
      const live = new Set(roots);
      for (let size = -1; size !== live.size; ) {
        size = live.size;
        for (const [from, to] of [...references, ...keeps]) if (live.has(from)) live.add(to);
      }
      const expected = Array.from({ length: count }, (_, path) => path).filter((path) => !live.has(path));
      return (
        dead.toSorted((a, b) => a - b).join() === expected.join() &&
        references.every(([a, b]) => a === b || !dead.includes(b) || dead.indexOf(a) < dead.indexOf(b))
      );
    }),
    { numRuns: 500 },
  );
});
