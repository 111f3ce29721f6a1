/** The table that ships, with the real processes. */
import { readdirSync, readFileSync } from 'node:fs';
import { connect as dial } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Contract, schedulerContract, storeContract } from '@cooper/contracts';
import { connect } from '@cooper/ipc';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { areGone, RunningSupervisor } from './running-supervisor.ts';

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

/** The children of the supervisor, by the names that the kernel has for them (15 letters). */
function childrenOf(parent: number): ReadonlyMap<string, number> {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return new Map(children.map((pid) => [readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), Number(pid)]));
}

async function connectTo<C extends Contract>(contract: C, state: string) {
  const socket = dial(`${state}/run/${contract.name}`);
  return connect(contract, socket, { client: 'test' });
}

t.test('store and scheduler answer, and take up again when the store is killed', async (t) => {
  const state = temporaryDirectory(t);
  const start = performance.now();
  const supervisor = new RunningSupervisor(t, state);
  await supervisor.lease();
  const leased = performance.now();
  const [store, scheduler] = await Promise.all([connectTo(storeContract, state), connectTo(schedulerContract, state)]);
  const answered = performance.now();
  t.comment(
    `ready for clients after ${Math.round(leased - start)} ms; both answer after ${Math.round(answered - start)} ms`,
  );
  t.same(await store.call('queryValidPaths', { paths: [] }), { paths: [] });
  t.match(await scheduler.call('snapshot', {}), { requests: [], goals: [] });

  const before = childrenOf(supervisor.child.pid ?? 0);
  process.kill(before.get('cooper-store') ?? 0, 'SIGKILL');
  await Promise.all([store.closed, scheduler.closed]);
  t.ok(await areGone([...before.values()], 10_000));
  for (let again: unknown; again === undefined; await delay(50)) {
    again = await connectTo(storeContract, state).catch(() => undefined);
  }
  t.equal(await supervisor.stop(), 0);
  t.match(await supervisor.said, /cooper-store has ended \(SIGKILL\); starting everything again/);
});

t.test('when the supervisor is killed, nothing is left within a second', async (t) => {
  const state = temporaryDirectory(t);
  const supervisor = new RunningSupervisor(t, state);
  await supervisor.lease();
  await Promise.all([connectTo(storeContract, state), connectTo(schedulerContract, state)]);
  let before = childrenOf(supervisor.child.pid ?? 0);
  const wanted = ['cooper-store', 'cooper-schedule', 'cooper-builder', 'cooper-busy-ite'];
  for (; !wanted.every((name) => before.has(name)); await delay(20)) before = childrenOf(supervisor.child.pid ?? 0);
  await supervisor.kill();
  const start = performance.now();
  t.ok(await areGone([...before.values()], 5000));
  t.comment(`all have ended after ${Math.round(performance.now() - start)} ms`);
  const left = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && mentions(pid, state));
  t.same(left, []);
});

/** Whether a process was started with this directory among its words. */
function mentions(pid: string, directory: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory);
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
