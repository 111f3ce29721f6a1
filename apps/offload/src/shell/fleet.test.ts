import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import type { Machine } from '@cooper/machines';
import t from 'tap';
import { Fleet, readMachines } from './fleet.ts';
import { KeptHealth } from './kept-health.ts';
import { Keys } from './keys.ts';
import { machineFailure } from './machine-failure.ts';
import type { Session } from './session.ts';

const hostKey = `ssh-ed25519 ${'A'.repeat(68)}`;

/** A fleet whose machines are reached, or not, as the test says. */
function makeFleet(t: { testdir(): string }, open: (machine: Machine) => Promise<Session>) {
  const directory = t.testdir();
  const file = `${directory}/machines.json`;
  const warnings: string[] = [];
  const log = { warning: (text: string) => warnings.push(text) } as never;
  writeFileSync(`${directory}/key`, 'secret');
  const describe = (...entries: object[]) =>
    writeFileSync(
      file,
      JSON.stringify({ machines: entries.map((entry) => ({ hostKey, key: `${directory}/key`, ...entry })) }),
    );
  describe({ host: 'b' }, { host: 'a' });
  const health = new KeptHealth(`${directory}/health.json`, log);
  const keys = new Keys(directory, `${directory}/none`);
  const place = { file, system: 'x86_64-linux' };
  const make = (meanwhile = () => {}) => {
    const machines = readMachines(place);
    for (const machine of machines.machines) keys.read(machine);
    meanwhile();
    return new Fleet({ ...place, machines, keys, health, reach: open, log });
  };
  return { make, describe, file, warnings };
}

function session() {
  const { promise: ended, resolve: end } = Promise.withResolvers<undefined>();
  let closed = 0;
  const close = () => {
    closed++;
    end(undefined);
  };
  return { opened: { ended, close } as unknown as Session, closed: () => closed };
}

t.test('the file is read anew when it has changed; who stays in it keeps its connection', async (t) => {
  const { opened, closed } = session();
  const { make, describe, file, warnings } = makeFleet(t, async () => opened);
  const fleet = make();
  const [a, b] = fleet.members;
  t.same([a?.machine.name, b?.machine.name], ['a', 'b']);
  await a?.open();
  describe({ host: 'a' }, { host: 'c', jobs: 2 });
  t.same(
    fleet.members.map(({ machine }) => machine.name),
    ['a', 'c'],
  );
  t.equal(fleet.members[0], a);
  writeFileSync(file, '{ "machines": [{}] }');
  t.equal(fleet.members.length, 2, 'a mistake changes nothing');
  t.equal(fleet.members.length, 2);
  t.equal(warnings.length, 1, 'and is complained of once');
  describe({ host: 'c' });
  t.same(
    fleet.members.map(({ machine }) => machine.name),
    ['c'],
  );
  t.equal(closed(), 1, 'who has left the file is let go');
});

t.test('who leaves the file ends its builds first', async (t) => {
  const { opened, closed } = session();
  const { make, describe } = makeFleet(t, async () => opened);
  const fleet = make();
  const [a] = fleet.members;
  await a?.open();
  const slot = a?.take();
  describe({ host: 'b' });
  t.equal(fleet.members.length, 1);
  t.equal(closed(), 0);
  slot?.[Symbol.dispose]();
  t.equal(closed(), 1);
});

t.test('a change between reading the file and making the fleet of it is seen', async (t) => {
  const { make, describe } = makeFleet(t, async () => session().opened);
  const fleet = make(() => describe({ host: 'changed' }));
  t.same(
    fleet.members.map(({ machine }) => machine.name),
    ['changed'],
  );
});

t.test('D07: all who want a machine at once wait for one connection; many failures at once are one', async (t) => {
  let tries = 0;
  const { make } = makeFleet(t, async () => {
    tries++;
    throw machineFailure('no route to host');
  });
  const [a] = make().members;
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => a?.open()));
  for (const result of results) if (result.status === 'rejected') a?.failed(result.reason);
  t.equal(tries, 1);
  t.match(a?.health, { failures: 1, reason: 'no route to host' });
  t.equal(a?.state, 'resting');
  a?.succeeded();
  t.equal(a?.state, 'unused');
});

t.test('a slot that comes free is told of', async (t) => {
  const { make } = makeFleet(t, async () => session().opened);
  const fleet = make();
  const told = fleet.changes.next(60_000);
  fleet.members[0]?.take()[Symbol.dispose]();
  await told;
  t.pass();
});

t.test("S86: where root reads it, the file is root's alone", { skip: process.getuid?.() !== 0 }, async (t) => {
  const { make, file } = makeFleet(t, async () => session().opened);
  chmodSync(file, 0o664);
  t.throws(make, {
    code: 'invalid-machines',
    message: /names keys that root reads, and others than root may write to it/,
  });
  chmodSync(file, 0o644);
  chownSync(file, 1000, 0);
  t.throws(make, { code: 'invalid-machines' });
});
