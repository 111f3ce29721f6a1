import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { LimitGuard } from './limit-guard.ts';

const limits = { timeout: 0, maxSilentTime: 1, maxLogSize: 0 };

t.test('S87: a build that neither ends nor says anything is given up, from when it runs', async (t) => {
  const guard = new LimitGuard(limits, 100);
  const first = await Promise.race([guard.late, delay(1300, 'it waits for its turn there')]);
  t.equal(first, 'it waits for its turn there');
  guard.begin();
  await delay(700);
  guard.heard();
  const since = performance.now();
  await t.rejects(guard.late, { code: 'machine-failed', message: /silent for 1 s/ });
  t.ok(performance.now() - since > 1000, 'what it said counts');
});

t.test('the whole time, and no limit', async (t) => {
  const whole = new LimitGuard({ ...limits, timeout: 1, maxSilentTime: 0 }, 0);
  whole.begin();
  whole.heard();
  await t.rejects(whole.late, { message: /it has not ended the build after 1 s/ });
  const stopped = new LimitGuard({ ...limits, timeout: 1 }, 0);
  stopped.begin();
  stopped.stop();
  t.equal(await Promise.race([stopped.late, delay(1200, 'nothing')]), 'nothing');
});
