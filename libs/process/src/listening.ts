/** Servers at paths. */
import { renameSync } from 'node:fs';
import type { Server } from 'node:net';
import { Fault } from '@cooper/fault';

/** What fits `struct sockaddr_un`, in bytes, with the NUL behind it (unix(7)). */
const longestPath = 107;

/** A name beside `path` under which to bind a socket, before it is renamed. Throws the fault `cannot-listen`. */
export function nameToBind(path: string): string {
  const bound = `${path}.${process.pid}`;
  if (Buffer.byteLength(bound) <= longestPath) return bound;
  throw new Fault(
    'cannot-listen',
    `${path} is too long for a socket: the kernel takes ${longestPath} bytes; choose a shorter state directory`,
    { path },
  );
}

/**
 * Has `server` listen at `path`, in the place of what is there. It is bound to another name and renamed: at no time is
 * there no socket, and the server that had the path before does not remove the new one when it ends.
 */
export function listenAt(server: Server, path: string): Promise<void> {
  const bound = nameToBind(path);
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) =>
      reject(new Fault('cannot-listen', `cannot listen at ${path}: ${error.message}`, { path }, { cause: error }));
    server.once('error', refuse);
    server.listen(bound, () => {
      server.off('error', refuse);
      try {
        renameSync(bound, path);
        resolve();
      } catch (error) {
        refuse(error as Error);
      }
    });
  });
}

/** Has `server` listen at `address`, a `HOST:PORT` of the network. Throws the fault `cannot-listen`. */
export function listenOn(server: Server, address: string): Promise<void> {
  const mark = address.lastIndexOf(':');
  const host = address.slice(0, mark).replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new Fault('cannot-listen', `cannot listen at ${address}: ${error.message}`, { address }, { cause: error }),
      ),
    );
    server.listen({ host, port: Number(address.slice(mark + 1)) }, resolve);
  });
}
