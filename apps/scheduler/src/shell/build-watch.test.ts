import { mock } from 'node:test';
import t, { type Test } from 'tap';
import { BuildWatch } from './build-watch.ts';

const hour = 60 * 60_000;
const none = { timeout: 0, maxSilentTime: 0, maxLogSize: 0 };

/** A watch on a clock of the test's, and whether the agent has been cut off. */
function watch(t: Test, limits: Partial<typeof none>) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  let cut = 0;
  const watch = new BuildWatch({ ...none, ...limits }, () => cut++);
  return { watch, cuts: () => cut, pass: (time: number) => mock.timers.tick(time) };
}

t.test('an agent that falls silent is cut off, long after the limit of silence', async (t) => {
  const { watch: it, cuts, pass } = watch(t, { maxSilentTime: 3600 });
  it.hear({ event: 'started' });
  pass(2.9 * hour);
  it.hear({ event: 'log' });
  pass(2.9 * hour);
  t.equal(cuts(), 0);
  pass(0.2 * hour);
  t.equal(cuts(), 1);
});

t.test('an agent that talks on is cut off long after the limit of time', async (t) => {
  const { watch: it, cuts, pass } = watch(t, { timeout: 3600, maxSilentTime: 3600 });
  it.hear({ event: 'started' });
  for (let count = 0; count < 29; count++) {
    pass(0.1 * hour);
    it.hear({ event: 'log' });
  }
  t.equal(cuts(), 0);
  pass(0.2 * hour);
  t.equal(cuts(), 1);
});

t.test('an agent that does not listen is cut off', async (t) => {
  const { watch: it, cuts, pass } = watch(t, {});
  it.cancel();
  pass(0.2 * hour);
  t.equal(cuts(), 0);
  pass(0.1 * hour);
  t.equal(cuts(), 1);
});

t.test(
  'nothing happens in a queue, without limits, beyond what a timer can wait for, or when it has ended',
  async (t) => {
    const queued = watch(t, { maxSilentTime: 1, timeout: 1 });
    queued.watch.hear({ event: 'remark' });
    queued.pass(100 * hour);
    t.equal(queued.cuts(), 0);
    mock.timers.reset();
    const unlimited = watch(t, {});
    unlimited.watch.hear({ event: 'started' });
    unlimited.pass(500 * hour);
    t.equal(unlimited.cuts(), 0);
    mock.timers.reset();
    const endless = watch(t, { timeout: 10_000_000 });
    endless.watch.hear({ event: 'started' });
    endless.pass(500 * hour);
    t.equal(endless.cuts(), 0);
    mock.timers.reset();
    const ended = watch(t, { timeout: 1 });
    ended.watch.hear({ event: 'started' });
    ended.watch.close();
    ended.watch.cancel();
    ended.pass(100 * hour);
    t.equal(ended.cuts(), 0);
  },
);
