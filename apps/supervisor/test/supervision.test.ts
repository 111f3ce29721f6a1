/** The supervisor with real processes: start and wiring, deaths, ends. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { areGone, configure, isRunning, RunningSupervisor, standInFor } from './running-supervisor.ts';

/** The fields of /proc/PID/stat that follow the name: state, parent, group, session. */
const statOf = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

t.test('starts the table, wires it, and stops it whole', async (t) => {
  const state = temporaryDirectory(t);
  configure(state);
  const supervisor = new RunningSupervisor(t, state);
  const { store, scheduler, builder } = await supervisor.wiring();
  t.equal((await (await supervisor.connect('store')).call('status', {})).pid, store, 'the scheduler has this store');
  for (const pid of [store, scheduler, builder]) {
    t.equal(Number(statOf(pid)[1]), supervisor.child.pid, 'a child of the supervisor');
    t.equal(Number(statOf(pid)[3]), pid, 'in a session of its own');
  }
  // With root, processes that have become another user pass through it.
  t.equal(statSync(`${state}/run`).mode & 0o777, process.getuid?.() === 0 ? 0o710 : 0o700);
  t.same(
    readdirSync(`${state}/run`).filter((name) => /\.\d+$/.test(name)),
    [],
    'no name that was only bound',
  );
  t.equal(await supervisor.stop(), 0);
  t.ok(await areGone([store, scheduler, builder], 0), 'all of them were awaited');
  t.same(readdirSync(`${state}/run`).sort(), ['settings', 'supervisor.lock']);
  t.equal(await supervisor.said, '');
});

t.test('clients may connect before the process is up', async (t) => {
  const state = temporaryDirectory(t);
  configure(state, { store: standInFor('store', 'slow') });
  const supervisor = new RunningSupervisor(t, state);
  await supervisor.lease();
  const start = performance.now();
  await supervisor.connect('store');
  t.ok(performance.now() - start > 100, 'the connection waited');
  t.equal(await supervisor.stop(), 0);
});

t.test('an agent that dies is started again, alone', async (t) => {
  const state = temporaryDirectory(t);
  configure(state);
  const supervisor = new RunningSupervisor(t, state);
  const before = await supervisor.wiring();
  process.kill(before.builder, 'SIGKILL');
  const after = await supervisor.wiring(before.builder);
  t.equal(after.store, before.store);
  t.equal(after.scheduler, before.scheduler);
  t.not(after.builder, before.builder);
  await supervisor.stop();
  t.match(await supervisor.said, /cooper-builder has ended \(SIGKILL\); starting it again in 100 ms pid=\d+\n/);
});

for (const name of ['store', 'scheduler'] as const) {
  for (const how of ['exit', 'kill'] as const) {
    t.test(`when the ${name} dies (${how}), all are started afresh`, async (t) => {
      const state = temporaryDirectory(t);
      configure(state);
      const supervisor = new RunningSupervisor(t, state);
      const before = await supervisor.wiring();
      const client = await supervisor.connect(name);
      await t.rejects(client.call('die', { how }), { code: 'channel-closed' });
      const after = await supervisor.wiring(before.builder);
      for (const one of ['store', 'scheduler', 'builder'] as const) t.not(after[one], before[one], one);
      t.ok(await areGone(Object.values(before), 0), 'none of the old ones is left');
      t.equal(await supervisor.stop(), 0);
      t.match(await supervisor.said, /has ended \(.*\); starting everything again in 100 ms/);
    });
  }
}

t.test('when the supervisor is killed, its processes end by themselves', async (t) => {
  const state = temporaryDirectory(t);
  configure(state);
  const supervisor = new RunningSupervisor(t, state);
  const before = await supervisor.wiring();
  await supervisor.kill();
  t.ok(await areGone(Object.values(before), 1000));
  const next = new RunningSupervisor(t, state);
  const after = await next.wiring();
  t.not(after.store, before.store, 'the next one starts over what was left');
  t.equal(await next.stop(), 0);
});

t.test('a process that does not stop is killed', async (t) => {
  const state = temporaryDirectory(t);
  const command = ['/bin/sh', '-c', `trap '' TERM; echo $$ > ${state}/pid; while :; do sleep 1; done`];
  configure(state, { builder: { command } });
  const supervisor = new RunningSupervisor(t, state);
  await supervisor.connect('scheduler');
  await supervisor.lease();
  while (!readdirSync(state).includes('pid')) await delay(10);
  await delay(50);
  t.equal(await supervisor.stop(), 0);
  t.ok(await areGone([Number(readFileSync(`${state}/pid`, 'utf8'))], 0));
});

t.test('what an agent has started ends with it', async (t) => {
  const state = temporaryDirectory(t);
  const command = ['/bin/sh', '-c', `sleep 100 & echo $! > ${state}/pid; wait`];
  configure(state, { builder: { command } });
  const supervisor = new RunningSupervisor(t, state);
  while (!existsSync(`${state}/pid`) || readFileSync(`${state}/pid`, 'utf8') === '') await delay(10);
  const left = Number(readFileSync(`${state}/pid`, 'utf8'));
  t.ok(isRunning(left));
  t.equal(await supervisor.stop(), 0);
  t.ok(await areGone([left], 1000));
});

t.test('the configuration leaves processes out, and adds agents', async (t) => {
  const state = temporaryDirectory(t);
  configure(state, { builder: null, first: standInFor('builder'), second: standInFor('builder') });
  const supervisor = new RunningSupervisor(t, state);
  const { builder } = await supervisor.wiring();
  const other = await supervisor.wiring(builder);
  t.not(other.builder, builder);
  t.equal(await supervisor.stop(), 0);
});
