import fc from 'fast-check';
import t from 'tap';
import { afterAnswer, afterFailure, afterTransfer, isResting, readRetryAfter, unknownHealth } from './health.ts';

t.test('a cache that fails rests, longer each time, and never for ever', async (t) => {
  let health = unknownHealth;
  const rests = Array.from({ length: 12 }, () => {
    health = afterFailure(health, 1000);
    return health.restsUntil - 1000;
  });
  t.same(rests.slice(0, 4), [1000, 2000, 4000, 8000]);
  t.equal(rests.at(-1), 60_000);
  t.ok(isResting(health, 60_999));
  t.notOk(isResting(health, 61_000));
  t.notOk(isResting(afterAnswer(health), 1000));
});

t.test('it may say itself how long', async (t) => {
  t.equal(afterFailure(unknownHealth, 0, 7000).restsUntil, 7000);
  t.equal(afterFailure(unknownHealth, 0, 1e9).restsUntil, 300_000);
  t.equal(readRetryAfter('120', 0), 120_000);
  t.equal(readRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4000), 6000);
  t.equal(readRetryAfter('soon', 0), null);
  t.equal(readRetryAfter(null, 0), null);
});

t.test('speeds are averages of what was large enough to tell', async (t) => {
  t.equal(afterTransfer(unknownHealth, 1000, 1).speed, null);
  const once = afterTransfer(unknownHealth, 1_000_000, 1000);
  t.equal(once.speed, 1_000_000);
  t.equal(afterTransfer(once, 2_000_000, 1000).speed, 1_300_000);
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (bytes, duration) => {
      const { speed } = afterTransfer(once, bytes, duration);
      return speed !== null && Number.isFinite(speed) && speed > 0;
    }),
  );
});
