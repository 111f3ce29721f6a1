/**
 * The clients of a supervisor that lives only as long as someone needs it. Each keeps a connection open; nothing that it
 * may send is read for more than its end.
 */
import { renameSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** How long, in ms, the first client may take to connect. */
const patience = 10_000;

/** Listens at `path`, and calls `onIdle` when the last client has gone `linger` ms ago. Nil: never. */
export function watchClients(path: string, linger: number | null, onIdle: () => void): Server {
  let clients = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (delay: number) => {
    if (linger !== null) timer = setTimeout(onIdle, delay);
  };
  const server = createServer((socket) => {
    clients++;
    clearTimeout(timer);
    socket.resume();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (--clients === 0) wait(linger ?? 0);
    });
  });
  const bound = `${path}.${process.pid}`;
  server.listen(bound, () => {
    renameSync(bound, path);
    wait(patience);
  });
  return server;
}
