import type { StorePath } from '@cooper/store-path';
import fc from 'fast-check';
import t from 'tap';
import { closure } from './closure.ts';

const path = (name: number | string) => `/gnu/store/${name}` as StorePath;

t.test('references come before what refers to them', async (t) => {
  const graph = new Map([
    [path('a'), [path('b'), path('c')]],
    [path('b'), [path('d'), path('b')]],
    [path('c'), [path('d')]],
    [path('d'), []],
  ]);
  const order = closure([path('a')], (from) => graph.get(from) ?? []);
  t.strictSame(order, [path('d'), path('b'), path('c'), path('a')]);
  t.strictSame(
    closure([path('c'), path('c'), path('b')], (from) => graph.get(from) ?? []),
    [path('d'), path('c'), path('b')],
  );
  t.strictSame(
    closure([], () => []),
    [],
  );
});

t.test('a chain of any length', async (t) => {
  const order = closure([path(0)], (from) => {
    const next = Number(from.slice('/gnu/store/'.length)) + 1;
    return next < 100_000 ? [path(next)] : [];
  });
  t.equal(order.length, 100_000);
  t.equal(order[0], path(99_999));
});

t.test('any acyclic graph: what is reachable, once, in order', async () => {
  const edges = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 100 });
  fc.assert(
    fc.property(edges, fc.array(fc.nat(30)), (pairs, roots) => {
      const next = (from: StorePath) => pairs.filter(([a, b]) => path(a) === from && b < a).map(([, b]) => path(b));
      const order = closure(roots.map(path), next);
      const place = new Map(order.map((member, index) => [member, index]));
      const isOrdered = order.every((member, index) =>
        next(member).every((each) => (place.get(each) ?? index) < index),
      );
      const isClosed = order.every((member) => next(member).every((each) => place.has(each)));
      return isOrdered && isClosed && place.size === order.length && roots.every((root) => place.has(path(root)));
    }),
    { numRuns: 200 },
  );
});
