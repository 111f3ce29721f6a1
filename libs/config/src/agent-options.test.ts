import t from 'tap';
import { withAgents } from './agent-options.ts';
import { changeProcessTable, processTable } from './index.ts';

const none = { 'substitute-agent': undefined, 'build-agent': [] };

t.test('without them, nothing changes', async (t) => {
  t.equal(withAgents(undefined, none), undefined);
  const changes = { builder: null };
  t.equal(withAgents(changes, none), changes);
});

t.test('programs come into the table, in order, beside what the configuration file says', async (t) => {
  const values = { 'substitute-agent': '/opt/fetch  --all', 'build-agent': ['/opt/one', '/opt/two x'] };
  const table = changeProcessTable(processTable, withAgents({ builder: null, substitute: null }, values));
  t.match(
    table.find(({ name }) => name === 'substitute'),
    { command: ['/opt/fetch', '--all'], plain: true, uses: [{ channel: 'substitute' }] },
  );
  t.strictSame(
    table.flatMap(({ name, command }) => (name.startsWith('build') ? [[name, command]] : [])),
    [
      ['build-agent-1', ['/opt/one']],
      ['build-agent-2', ['/opt/two', 'x']],
    ],
  );
});

t.test('what makes no sense is refused', async (t) => {
  for (const text of ['', ' ', './fetch', 'fetch /x'])
    t.throws(() => withAgents(undefined, { ...none, 'substitute-agent': text }), {
      code: 'invalid-option',
      message: /--substitute-agent takes a command that begins with an absolute path/,
    });
  for (const changes of [[], 'x', 5]) {
    const values = { ...none, 'build-agent': ['/x'] };
    t.throws(() => changeProcessTable(processTable, withAgents(changes, values)), { code: 'invalid-configuration' });
  }
});
