import t from 'tap';
import { inSlices, inTurn } from './slices.ts';

function* busy(milliseconds: number, step = 1): Generator<void, string, void> {
  for (const end = performance.now() + milliseconds; performance.now() < end; yield) {
    for (const pause = performance.now() + step; performance.now() < pause; );
  }
  return 'done';
}

t.test('the result, and what is thrown', async (t) => {
  t.equal(await inSlices(busy(1)), 'done');
  const failing = (function* () {
    yield;
    throw new Error('on the way');
  })();
  await t.rejects(inSlices(failing), { message: 'on the way' });
  t.equal(await inSlices(busy(1)), 'done', 'one that fails does not hold up the next');
});

t.test('S95: others are answered between slices, however many jobs there are', async (t) => {
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  await Promise.all(Array.from({ length: 5 }, () => inSlices(busy(40))));
  clearInterval(ticking);
  // Five jobs of 40 ms in slices of 2 ms leave room for 100; how many of them a busy machine uses is its affair.
  t.ok(turns >= 2, `${turns} turns in 200 ms of work`);
});

t.test('jobs take turns', async (t) => {
  const ended: string[] = [];
  const long = inSlices(busy(200)).then(() => ended.push('long'));
  const short = inSlices(busy(10)).then(() => ended.push('short'));
  await Promise.all([long, short]);
  t.strictSame(ended, ['short', 'long']);
});

t.test('what is short is done at once; many of them leave room for others all the same', async (t) => {
  let steps = 0;
  const count = (function* () {
    steps++;
    yield;
    steps++;
  })();
  const counted = inSlices(count);
  t.equal(steps, 2);
  await counted;
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  for (let left = 200; left > 0; left--) await inSlices(busy(1));
  clearInterval(ticking);
  t.ok(turns >= 2, `${turns} turns in 200 ms of work`);
});

t.test('what cannot be divided is done in order, others being answered between two of them', async (t) => {
  const order: string[] = [];
  const long = (name: string) => {
    for (const end = performance.now() + 5; performance.now() < end; );
    order.push(name);
    return name;
  };
  setImmediate(() => order.push('another'));
  t.strictSame(await Promise.all(['a', 'b', 'c'].map((name) => inTurn(() => long(name)))), ['a', 'b', 'c']);
  t.strictSame(order.slice(0, 2), ['a', 'another']);
  t.strictSame(
    order.filter((name) => name !== 'another'),
    ['a', 'b', 'c'],
  );
  const failing = () => {
    throw new Error('in its turn');
  };
  await t.rejects(inTurn(failing), { message: 'in its turn' });
});
