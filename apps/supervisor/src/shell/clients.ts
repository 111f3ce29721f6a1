/**
 * The clients of a supervisor that lives only as long as someone needs it. Each keeps a connection open, and is told `ready`
 * when it counts; nothing that it may send is read for more than its end.
 */
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { listenAt } from '@cooper/process';

/** How long, in ms, the first client may take to connect. */
const patience = 10_000;

export interface Clients {
  /** Takes no more of them: whoever comes later is turned away, rather than left behind. */
  close(): void;
}

/** Listens at `path`, and calls `onIdle` when the last client has gone `linger` ms ago. Null: never. */
export async function watchClients(path: string, linger: number | null, onIdle: () => void): Promise<Clients> {
  let clients = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (delay: number) => {
    if (linger !== null) timer = setTimeout(onIdle, delay);
  };
  const server = createServer((socket) => {
    clients++;
    clearTimeout(timer);
    socket.write('ready\n');
    socket.resume();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (--clients === 0) wait(linger ?? 0);
    });
  });
  await listenAt(server, path);
  wait(patience);
  return {
    close: () => {
      server.close();
      rmSync(path, { force: true });
    },
  };
}
