import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { peerCredentials } from './index.ts';

/** Node keeps the descriptor of a socket in its handle, and has no public name for it. */
function descriptorOf(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

async function accept(server: Server): Promise<Socket> {
  const [socket] = (await once(server, 'connection')) as [Socket];
  return socket;
}

t.test('the peer of a Unix socket is known', async (t) => {
  const path = `${temporaryDirectory(t)}/socket`;
  const server = createServer().listen(path);
  await once(server, 'listening');
  const client = connect(path);
  const socket = await accept(server);
  t.strictSame(peerCredentials(descriptorOf(socket)), {
    pid: process.pid,
    user: process.geteuid?.(),
    group: process.getegid?.(),
  });
  socket.destroy();
  client.destroy();
  server.close();
});

t.test('what is no socket has no peer', async (t) => {
  t.throws(() => peerCredentials(-1), { code: 'EBADF' });
});
