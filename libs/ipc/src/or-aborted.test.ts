import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { orAborted } from './or-aborted.ts';

t.test('what was waited for, or that it is not wanted', async (t) => {
  const stop = new AbortController();
  t.equal(await orAborted(1, stop.signal), 1);
  t.equal(await orAborted(Promise.resolve(2), stop.signal), 2);
  await t.rejects(orAborted(Promise.reject(new Error('broken')), stop.signal), /broken/);
  const late = Promise.withResolvers<number>();
  const waiting = orAborted(late.promise, stop.signal);
  stop.abort();
  await t.rejects(waiting, { code: 'cancelled' });
  await t.rejects(orAborted(late.promise, stop.signal), { code: 'cancelled' });
  // Nobody is there to be told, and nothing comes of it.
  late.reject(new Error('too late'));
  await turn();
});
