/** Connections to the sockets of running processes. */
import { connect, type Socket } from 'node:net';
import { Fault } from '@cooper/fault';

/** What connecting says when nobody listens: no socket, one that was left behind, one whose owner just ends. */
const nobody: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/** Connects to the socket at `path`; nothing when nobody listens there. Throws the fault `cannot-connect`. */
export function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (nobody.has(error.code)) return resolve(undefined);
      const message = `cannot connect to ${path}: ${error.message}`;
      reject(new Fault('cannot-connect', message, { path }, { cause: error }));
    });
  });
}

/**
 * Connects to the supervisor at `path`, and waits until it has taken notice: as long as this stays open, it goes on.
 * Nothing when none is there, or one that is about to go.
 */
export async function tryLease(path: string): Promise<Socket | undefined> {
  const socket = await tryConnect(path);
  if (socket === undefined) return undefined;
  return new Promise((resolve) => {
    socket.once('data', () => resolve(socket));
    socket.once('close', () => resolve(undefined));
    // It ends by closing, which is all that is to be known of it.
    socket.on('error', () => socket.destroy());
  });
}
