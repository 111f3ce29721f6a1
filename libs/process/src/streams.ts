/** The streams behind descriptors that a process was given. */
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { Fault } from '@cooper/fault';

/** The connected socket (or pipe) `fd`. Throws the fault `invalid-option` when there is none. */
export function socketStream(fd: number): Duplex {
  try {
    return new Socket({ fd, readable: true, writable: true });
  } catch (error) {
    const message = `descriptor ${fd} is no open socket: ${(error as Error).message}`;
    throw new Fault('invalid-option', message, { fd }, { cause: error });
  }
}

/** Standard input and output as one stream, for a process that is started by hand or through pipes. */
export function standardStream(): Duplex {
  return Duplex.from({ readable: process.stdin, writable: process.stdout });
}
