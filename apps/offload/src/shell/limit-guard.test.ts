import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { LimitGuard } from './limit-guard.ts';

const limits = { timeout: 0, maxSilentTime: 1, maxLogSize: 0 };
const unlimited = { timeout: 0, maxSilentTime: 0, maxLogSize: 0 };
const times = { patience: 100, jobPatience: 500 };
const nothing = async () => undefined;

t.test('S87: a build that neither ends nor says anything is given up, from when it runs', async (t) => {
  const guard = new LimitGuard(limits, times);
  const first = await Promise.race([guard.late, delay(1300, 'it waits for its inputs')]);
  t.equal(first, 'it waits for its inputs');
  guard.begin();
  await delay(700);
  await guard.hear(nothing);
  const since = performance.now();
  await t.rejects(guard.late, { code: 'machine-failed', message: /silent for 1 s/ });
  t.ok(performance.now() - since > 1000, 'what it said counts');
});

t.test('S87: so is one that has all it needs and is not begun', async (t) => {
  const guard = new LimitGuard(unlimited, times);
  guard.arrive();
  await t.rejects(guard.late, { code: 'machine-failed', message: /not begun the build, nor said why, for 0.5 s/ });
  const begun = new LimitGuard(unlimited, times);
  begun.arrive();
  begun.begin();
  begun.arrive();
  t.equal(await Promise.race([begun.late, delay(800, 'it runs')]), 'it runs');
});

t.test('S87: and one whose outputs do not come; the time that they take here does not count', async (t) => {
  const guard = new LimitGuard(limits, times);
  guard.begin();
  guard.return();
  await guard.hear(async () => void (await delay(800)));
  t.equal(await Promise.race([guard.late, 'it sends']), 'it sends');
  await t.rejects(guard.late, { code: 'machine-failed', message: /nothing more of what it made for 0.5 s/ });
});

t.test('the whole time, and no limit', async (t) => {
  const whole = new LimitGuard({ ...unlimited, timeout: 1 }, { ...times, patience: 0 });
  whole.begin();
  await whole.hear(nothing);
  await t.rejects(whole.late, { message: /it has not ended the build after 1 s/ });
  const stopped = new LimitGuard({ ...limits, timeout: 1 }, { ...times, patience: 0 });
  stopped.begin();
  stopped.stop();
  await stopped.hear(nothing);
  t.equal(await Promise.race([stopped.late, delay(1200, 'nothing')]), 'nothing');
});
