import { statSync } from 'node:fs';
import t from 'tap';
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts';
import { clientSockets, openClientSocket } from './client-socket.ts';

t.test('paths, hosts and ports', async (t) => {
  t.strictSame(clientSockets(['/run/socket', 'localhost', '127.0.0.1:99', '[::1]:7', '[::1]'], {}), [
    { kind: 'path', path: '/run/socket' },
    { kind: 'address', address: 'localhost:44146' },
    { kind: 'address', address: '127.0.0.1:99' },
    { kind: 'address', address: '[::1]:7' },
    { kind: 'address', address: '[::1]:44146' },
  ]);
  for (const text of ['', 'host:', 'host:70000', 'a/b', 'a b', '::1'])
    t.throws(() => clientSockets([text], {}), { code: 'invalid-option' }, text);
});

t.test('what systemd has opened comes instead, if it is for this process', async (t) => {
  const passed = { LISTEN_PID: String(process.pid), LISTEN_FDS: '2' };
  t.strictSame(clientSockets(['/run/socket'], passed), [
    { kind: 'descriptor', descriptor: 3 },
    { kind: 'descriptor', descriptor: 4 },
  ]);
  t.strictSame(clientSockets([], { ...passed, LISTEN_PID: '1' }), []);
  t.throws(() => clientSockets([], { ...passed, LISTEN_FDS: 'two' }), { code: 'invalid-option' });
});

t.test('everybody may connect, and the directory is made', async (t) => {
  const path = `${temporaryDirectory(t)}/daemon-socket/socket`;
  const socket = openClientSocket({ kind: 'path', path });
  t.equal(statSync(path).mode & 0o777, 0o666);
  socket.release();
});
