import t from 'tap';
import { BuildLimits } from './build-limits.ts';

const none = { timeout: 0, maxSilentTime: 0, maxLogSize: 0 };

t.test('without limits nothing is ever reached', async (t) => {
  const limits = new BuildLimits(none, 1000);
  limits.hear(1e12, 2000);
  t.equal(limits.reached(1e15), undefined);
  t.equal(limits.nextDeadline(1e15), undefined);
  t.equal(limits.logSize, 1e12);
});

t.test('time counts from the start, whatever is heard', async (t) => {
  const limits = new BuildLimits({ ...none, timeout: 10 }, 1000);
  limits.hear(1, 10_000);
  limits.listen(10_000);
  t.equal(limits.nextDeadline(10_000), 1000);
  t.equal(limits.reached(10_999), undefined);
  t.equal(limits.reached(11_000), 'timeout');
  t.equal(limits.nextDeadline(20_000), 0, 'what is past is due now');
});

t.test('silence counts from what was heard last', async (t) => {
  const limits = new BuildLimits({ ...none, maxSilentTime: 5 }, 0);
  t.equal(limits.nextDeadline(0), 5000);
  limits.hear(3, 4000);
  limits.listen(4000);
  t.equal(limits.reached(8999), undefined);
  t.equal(limits.reached(9000), 'max-silent-time');
});

t.test('a build that waits for its reader is not silent', async (t) => {
  const limits = new BuildLimits({ ...none, maxSilentTime: 5, timeout: 100 }, 0);
  limits.hear(3, 1000);
  t.equal(limits.reached(60_000), undefined);
  t.equal(limits.nextDeadline(60_000), 5000, 'looked at again, not forgotten');
  t.equal(limits.reached(100_000), 'timeout', 'the other limits hold');
  limits.listen(60_000);
  t.equal(limits.reached(64_999), undefined);
  t.equal(limits.reached(65_000), 'max-silent-time');
});

t.test('a log may have its size, and no byte more', async (t) => {
  const limits = new BuildLimits({ ...none, maxLogSize: 100 }, 0);
  t.equal(limits.hear(60, 1), 60);
  t.equal(limits.hear(40, 1), 40);
  t.equal(limits.reached(1), undefined);
  t.equal(limits.hear(1, 2), 0);
  t.equal(limits.reached(2), 'max-log-size');
  t.equal(limits.logSize, 100);
});

t.test('the nearest of two deadlines counts', async (t) => {
  const limits = new BuildLimits({ timeout: 10, maxSilentTime: 4, maxLogSize: 0 }, 0);
  t.equal(limits.nextDeadline(0), 4000);
  limits.hear(1, 8000);
  limits.listen(8000);
  t.equal(limits.nextDeadline(8000), 2000);
});
