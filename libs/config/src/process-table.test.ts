import { existsSync } from 'node:fs';
import t from 'tap';
import { changeProcessTable, options, processTable, supervisorCommand } from './index.ts';

t.test('the table holds together', async (t) => {
  const names = processTable.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  const served = new Set<string>();
  for (const { command, uses, serves, options: given } of processTable) {
    t.ok(existsSync(command[0] ?? ''), `${command[0]} is there`);
    for (const { socket } of uses) t.ok(served.has(socket), `${socket} is served by a process that is started before`);
    for (const name of serves) served.add(name);
    for (const name of given) t.ok(name in options, name);
  }
  t.ok(existsSync(supervisorCommand[0] ?? ''));
});

t.test('every setting reaches a process', async (t) => {
  const given = new Set<string>(processTable.flatMap(({ options: names }) => names));
  // The supervisor itself puts programs in, and listens for clients.
  t.same(
    Object.keys(options).filter((name) => !given.has(name)),
    ['substitute-agent', 'build-agent', 'client-socket'],
  );
});

t.test('one line puts another program in the place of one of ours', async (t) => {
  const changed = changeProcessTable(processTable, { builder: { command: ['/opt/builder', '--fast'] } });
  const ours = processTable.find(({ name }) => name === 'builder');
  t.strictSame(
    changed.find(({ name }) => name === 'builder'),
    { ...ours, command: ['/opt/builder', '--fast'] },
  );
  t.equal(changed.length, processTable.length);
});

t.test('null leaves a process out, a new name adds a build agent without rights', async (t) => {
  const changed = changeProcessTable(processTable, { builder: null, farm: { command: ['/opt/farm'] } });
  const others = processTable.map(({ name }) => name).filter((name) => name !== 'builder');
  t.strictSame(
    changed.map(({ name }) => name),
    [...others, 'farm'],
  );
  t.match(changed.at(-1), {
    rights: 'none',
    death: 'restart',
    serves: [],
    uses: [{ channel: 'build-agent', socket: 'build-agents' }],
  });
});

t.test('a plain program gets no words of ours, and becomes nobody by itself', async (t) => {
  const command = ['/opt/program'];
  const plain = { command, plain: true };
  const changed = changeProcessTable(processTable, { builder: plain, substitute: plain });
  t.match(
    changed.find(({ name }) => name === 'builder'),
    { ...plain, options: [], rights: 'all' },
  );
  t.match(
    changed.find(({ name }) => name === 'substitute'),
    { ...plain, options: [], rights: 'none', uses: [{ channel: 'substitute', socket: 'substitute-agents' }] },
  );
});

t.test('changes that make no sense are refused', async (t) => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [[], /expected a map of processes/],
    [{ builder: 'x' }, /builder: expected a map/],
    [{ builder: {} }, /builder\.command: expected a list of words/],
    [{ builder: { command: [] } }, /builder\.command/],
    [{ builder: { command: ['/x', 5] } }, /builder\.command/],
    [{ builder: { command: ['relative'] } }, /builder\.command: expected an absolute path first/],
    [{ builder: { command: ['/x'], comand: 1 } }, /builder: there is no setting `comand'/],
    [{ '../x': { command: ['/x'] } }, /`\.\.\/x' is no name for a process/],
    [{ farm: { command: ['/x'], plain: 'yes' } }, /farm\.plain: expected true or false/],
    [{ store: { command: ['/x'], plain: true } }, /store\.plain: it has more than one channel/],
    [{ farm: null }, /farm: expected a map/],
  ];
  for (const [changes, message] of wrong) {
    t.throws(() => changeProcessTable(processTable, changes), { code: 'invalid-configuration', message });
  }
});
