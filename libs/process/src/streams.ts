/** The streams behind descriptors that a process was given. */
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** The connected socket `fd`. */
export function socketStream(fd: number): Duplex {
  return new Socket({ fd, readable: true, writable: true });
}

/** Standard input and output as one stream, for a process that is started by hand or through pipes. */
export function standardStream(): Duplex {
  return Duplex.from({ readable: process.stdin, writable: process.stdout });
}
