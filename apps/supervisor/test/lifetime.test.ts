/** How long a supervisor lives, and how many there are. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { areGone, configure, RunningSupervisor } from './running-supervisor.ts';

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

t.test('one that lingers goes when its last client has gone, and takes all with it', async (t) => {
  const state = temporaryDirectory(t);
  configure(state);
  const supervisor = new RunningSupervisor(t, state, ['--linger=200']);
  const [first, second] = [await supervisor.lease(), await supervisor.lease()];
  const { store, scheduler, builder } = await supervisor.wiring();
  first.destroy();
  await delay(400);
  t.equal(supervisor.child.exitCode, null, 'not while somebody is there');
  second.destroy();
  await delay(50);
  const third = await supervisor.lease();
  await delay(400);
  t.equal(supervisor.child.exitCode, null, 'nor when somebody comes in time');
  third.destroy();
  t.equal(await supervisor.ended, 0);
  t.ok(await areGone([store, scheduler, builder], 0));
});

t.test('what clients send is not read, and harms nothing', async (t) => {
  const state = temporaryDirectory(t);
  configure(state);
  const supervisor = new RunningSupervisor(t, state, ['--linger=0']);
  const lease = await supervisor.lease();
  lease.write(Buffer.alloc(3_000_000, 'x'));
  await delay(200);
  t.equal(supervisor.child.exitCode, null);
  lease.destroy();
  t.equal(await supervisor.ended, 0);
});

t.test('there is one at a time: another says so, or takes over when the first has gone', async (t) => {
  const state = temporaryDirectory(t);
  configure(state);
  const first = new RunningSupervisor(t, state, ['--linger=0']);
  const lease = await first.lease();
  await first.wiring();
  const second = new RunningSupervisor(t, state, ['--linger=0']);
  t.equal(await second.ended, 75);
  t.equal(first.child.exitCode, null);
  lease.destroy();
  // The first one stops now, which takes it a while.
  const third = new RunningSupervisor(t, state);
  t.equal(await first.ended, 0);
  await third.wiring();
  t.equal(await third.stop(), 0);
});

t.test('where somebody waits, a process that cannot be started is given up', async (t) => {
  const state = temporaryDirectory(t);
  configure(state, { scheduler: { command: ['/bin/sh', '-c', 'echo the reason >&2; exit 5'] } });
  const supervisor = new RunningSupervisor(t, state, ['--linger=0']);
  t.equal(await supervisor.ended, 71);
  const said = await supervisor.said;
  t.equal(said.match(/the reason/g)?.length, 3);
  t.match(said, /cooper-scheduler has ended \(exit code 5\); it has ended 3 times right after its start/);
});

t.test('a program that is not there, and one that calls its configuration wrong', async (t) => {
  const state = temporaryDirectory(t);
  configure(state, { store: { command: [`${state}/nosuch`] } });
  const absent = new RunningSupervisor(t, state, ['--linger=0']);
  t.equal(await absent.ended, 71);
  t.match(await absent.said, /cooper-store has ended \(spawn .*nosuch ENOENT\)|confine: cannot run .*nosuch/);
  configure(state, { store: { command: ['/bin/sh', '-c', 'exit 78'] } });
  const wrong = new RunningSupervisor(t, state);
  t.equal(await wrong.ended, 78, 'at once, and in a service, too');
});

t.test('what is wrong with its own configuration ends it before anything starts', async (t) => {
  const state = temporaryDirectory(t);
  configure(state, { store: { comand: ['/bin/true'] } });
  const misspelt = new RunningSupervisor(t, state);
  t.equal(await misspelt.ended, 78);
  t.match(await misspelt.said, /processes: store: there is no setting `comand'/);
  const unknown = new RunningSupervisor(t, state, ['--lingr=0']);
  t.equal(await unknown.ended, 64);
});

t.test('a state directory whose path is too long for sockets', async (t) => {
  const state = `${temporaryDirectory(t)}/${'x'.repeat(100)}`;
  configure(state);
  const supervisor = new RunningSupervisor(t, state, ['--linger=0']);
  t.equal(await supervisor.ended, 71);
  t.match(await supervisor.said, /is too long for a socket: .* choose a shorter state directory/);
});
