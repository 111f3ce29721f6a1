/**
 * Listening sockets that a child is to serve. The supervisor makes them, so that clients can connect before the child is
 * up: their connections wait in the queue of the socket. It never accepts one itself.
 */
import { renameSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { Fault } from '@cooper/fault';

/** What Node knows of the descriptor behind a server or socket, and does not say in its types. */
interface WithHandle {
  readonly _handle: { readonly fd: number } | null;
}

/** The descriptor behind a stream or server of node:net. */
export function descriptorOf(owner: object): number {
  const fd = (owner as WithHandle)._handle?.fd;
  if (fd === undefined || fd < 0) throw new Error('there is no descriptor behind this stream');
  return fd;
}

export interface ListeningSocket {
  readonly fd: number;
  /** Closes the supervisor's copy: to be called in the turn of the event loop in which the socket was made. */
  release(): void;
}

/**
 * Makes a socket that listens at `path`, replacing what is there. It is bound to another name and renamed: that is atomic,
 * and closing our copy, which removes the name that was bound, then removes nothing.
 */
export function makeListeningSocket(path: string): ListeningSocket {
  const bound = `${path}.${process.pid}`;
  const server: Server = createServer();
  server.on('error', (error) => {
    throw new Fault('cannot-listen', `cannot listen at ${path}: ${error.message}`, { path }, { cause: error });
  });
  server.listen({ path: bound });
  renameSync(bound, path);
  return { fd: descriptorOf(server), release: () => server.close() };
}
