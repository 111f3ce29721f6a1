/**
 * Listening sockets that a child is to serve. The supervisor makes them, so that clients can connect before the child is
 * up: their connections wait in the queue of the socket. It never accepts one itself.
 */
import { chmodSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { Fault } from '@cooper/fault';
import { descriptorOf, nameToBind } from '@cooper/process';

export interface ListeningSocket {
  readonly fd: number;
  /** Closes the supervisor's copy: to be called in the turn of the event loop in which the socket was made. */
  release(): void;
}

/**
 * Makes a socket that listens at `path`, replacing what is there, open to others as `mode` says. It is bound to another name and renamed: that is atomic,
 * and closing our copy, which removes the name that was bound, then removes nothing. Throws the fault `cannot-listen`.
 */
export function makeListeningSocket(path: string, mode?: number): ListeningSocket {
  const bound = nameToBind(path);
  const server = createServer();
  // What goes wrong is told in a later turn; that there is no descriptor, or no name to rename, shows now.
  server.on('error', () => undefined);
  server.listen({ path: bound });
  try {
    if (mode !== undefined) chmodSync(bound, mode);
    renameSync(bound, path);
    return { fd: descriptorOf(server), release: () => void server.close() };
  } catch (error) {
    server.close();
    const message = `cannot listen at ${path}: ${(error as Error).message}`;
    throw new Fault('cannot-listen', message, { path }, { cause: error });
  }
}
