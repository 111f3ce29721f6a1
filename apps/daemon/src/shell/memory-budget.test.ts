import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { MemoryBudget } from './memory-budget.ts';

const half = 128 * 1024 * 1024;

t.test('who finds too little left waits until something is given back', async (t) => {
  const budget = new MemoryBudget();
  const shares = [await budget.take(half), await budget.take(half)];
  let has = false;
  const third = budget.take(1).then((share) => {
    has = true;
    return share;
  });
  await turn();
  t.notOk(has);
  shares[0]?.[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  t.ok(has);
});
