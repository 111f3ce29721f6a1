/** Connections that the supervisor makes for a child: to the socket of another child, unread. */
import { Socket } from 'node:net';
import { Fault } from '@cooper/fault';
import { descriptorOf } from '@cooper/process';

export interface DialledSocket {
  readonly fd: number;
  /** Closes the supervisor's copy, once the child has its own. */
  release(): void;
}

/** Connects to the Unix socket at `path`. Nothing is read from it here: that is the child's. */
export function dial(path: string): Promise<DialledSocket> {
  const socket = new Socket();
  // Before it is connected: a socket that is not paused reads as soon as it can.
  socket.pause();
  return new Promise((resolve, reject) => {
    socket.once('error', (error) =>
      reject(new Fault('cannot-connect', `cannot connect to ${path}: ${error.message}`, { path }, { cause: error })),
    );
    socket.connect(path, () => resolve({ fd: descriptorOf(socket), release: () => socket.destroy() }));
  });
}
