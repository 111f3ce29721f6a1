import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { type Launcher, Launchers } from './launchers.ts';
import { childrenOf } from './processes.ts';

const waiting = () => childrenOf(process.pid).map(({ pid }) => pid);

/** What a launcher says that is never told what to do: the exit code of a channel that ends early. */
async function letGo({ channel, output, ended }: Launcher) {
  closeSync(channel);
  closeSync(output);
  return await ended;
}

t.test('one is started ahead, once, and is the next that is taken', async (t) => {
  const launchers = new Launchers();
  t.teardown(() => launchers.close());
  launchers.startAhead();
  launchers.startAhead();
  const [ahead, ...others] = waiting();
  t.same(others, []);
  const taken = launchers.take();
  t.equal(taken.pid, ahead);
  t.match(await letGo(taken), { exitCode: 74, signal: null });
});

t.test('one that has ended meanwhile is not given to anybody', async (t) => {
  const launchers = new Launchers();
  t.teardown(() => launchers.close());
  launchers.startAhead();
  const [ahead = 0] = waiting();
  const told = once(process, 'SIGCHLD');
  process.kill(ahead, 'SIGKILL');
  await told;
  await turn();
  const taken = launchers.take();
  t.not(taken.pid, ahead);
  t.match(await letGo(taken), { exitCode: 74 });
});

t.test('none is left when they are closed, and none is started ahead after that', async (t) => {
  const launchers = new Launchers();
  launchers.startAhead();
  t.equal(waiting().length, 1);
  launchers.close();
  launchers.startAhead();
  while (waiting().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  t.same(waiting(), []);
});
