import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { inOrder } from './output-cycle.ts';

const output = (name: string, ...references: string[]) => ({
  path: `/gnu/store/${name}` as StorePath,
  references: references.map((each) => `/gnu/store/${each}` as StorePath),
});
const names = (outputs: readonly { readonly path: StorePath }[]) =>
  outputs.map(({ path }) => path.slice('/gnu/store/'.length));

t.test('outputs come behind those that they refer to', async (t) => {
  t.strictSame(names(inOrder([output('a', 'b', 'input'), output('b', 'c', 'b'), output('c')])), ['c', 'b', 'a']);
  t.strictSame(names(inOrder([output('a', 'a')])), ['a'], 'to itself is no circle');
});

t.test('a circle is refused, and named by its first path', async (t) => {
  const circle = [output('z', 'm'), output('m', 'k'), output('k', 'm'), output('a', 'z')];
  t.throws(() => inOrder(circle), {
    code: 'output-cycle',
    message: "cycle detected in the references of `/gnu/store/m'",
  });
  const pair = [output('out', 'lib'), output('lib', 'out')];
  t.throws(() => inOrder(pair), { message: "cycle detected in the references of `/gnu/store/lib'" });
});
