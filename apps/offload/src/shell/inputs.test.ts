import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { type Input, Inputs } from './inputs.ts';

const large = 1e6;
const input = (name: string, size = large): Input => ({
  path: `/gnu/store/${'0'.repeat(32)}-${name}` as StorePath,
  size,
});
const names = (inputs: readonly { path: StorePath }[]) => inputs.map(({ path }) => path.slice(44)).join(' ');

/** A machine that has nothing, and gets things when the test lets it. */
function machine({ has = [] as readonly string[] } = {}) {
  const asked: string[] = [];
  const sent: string[] = [];
  let gate = Promise.withResolvers<void>();
  const inputs = new Inputs({
    findMissing: async (paths) => {
      asked.push(names(paths.map((path) => ({ path }))));
      return paths.filter((path) => !has.includes(path.slice(44)));
    },
    send: async (some) => {
      sent.push(names(some));
      await gate.promise;
    },
  });
  return {
    inputs,
    asked,
    sent,
    arrive: () => gate.resolve(),
    fail: () => {
      gate.reject(new Error('the link broke'));
      gate = Promise.withResolvers();
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test('D08: what several builds want at once is sent once, and only what is missing', async (t) => {
  const { inputs, asked, sent, arrive } = machine({ has: ['libc'] });
  const [libc, gcc, a, b] = ['libc', 'gcc', 'a', 'b'].map((name) => input(name)) as [Input, Input, Input, Input];
  const first = inputs.ensure([libc, gcc, a]);
  const second = inputs.ensure([libc, gcc, b]);
  t.equal(names(inputs.unknown([libc, gcc, a, b, input('c')])), 'c', 'what is on its way counts as there');
  await turn();
  t.same(sent, ['gcc a'], 'what may refer to the others waits for them');
  arrive();
  await Promise.all([first, second]);
  t.same(sent, ['gcc a', 'b']);
  t.same(asked, ['libc gcc a', 'b']);
  await inputs.ensure([libc, gcc, a, b]);
  t.equal(asked.length, 2, 'what is known is not asked for again');
  inputs.forget();
  await inputs.ensure([libc]);
  t.equal(asked.length, 3);
});

t.test('little things are sent without asking', async (t) => {
  const { inputs, asked, sent, arrive } = machine();
  arrive();
  await inputs.ensure([input('a.drv', 400), input('b.drv', 600)]);
  t.same([asked, sent], [[], ['a.drv b.drv']]);
});

t.test('what one could not send, the other sends', async (t) => {
  const { inputs, sent, fail, arrive } = machine();
  const first = inputs.ensure([input('x')]);
  const second = inputs.ensure([input('x')]);
  await turn();
  fail();
  await t.rejects(first, /the link broke/);
  await turn();
  arrive();
  await second;
  t.same(sent, ['x', 'x']);
});
