import t from 'tap';
import { Turns } from './turns.ts';

t.test('so many at once, in order, and none that was given up', async (t) => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const stop = new AbortController();
  const take = (number: number, signal = new AbortController().signal) =>
    turns.take(signal, () => {
      begun.push(number);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const [first, second, third, fourth] = [take(1), take(2), take(3, stop.signal), take(4)];
  t.same(begun, [1, 2]);
  stop.abort(new Error('gone'));
  ends[0]?.();
  await first;
  await t.rejects(third, { message: 'gone' });
  ends[1]?.();
  await second;
  while (begun.length < 3) await Promise.resolve();
  t.same(begun, [1, 2, 4]);
  ends[2]?.();
  await fourth;
  await t.rejects(
    turns.take(new AbortController().signal, () => Promise.reject(new Error('failed'))),
    { message: 'failed' },
  );
  await Promise.all([1, 2].map(() => turns.take(new AbortController().signal, async () => undefined)));
  t.pass('places come back');
});
