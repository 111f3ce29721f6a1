/** Bytes to and from the store, past the messages: connections that begin with a ticket. */
import { connect, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Ticket } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { closedDirectory } from './closed-directory.ts';

export { giveBack, lentPieces } from './lent-pieces.ts';
export { type Compression, decompressed, inPieces, isBadCompression } from './pieces.ts';

/** Connects with `ticket`: what follows is what the call that gave it says. Throws the fault `cannot-connect`. */
export async function redeem({ socket: path, ticket }: Ticket): Promise<Socket> {
  const name = Buffer.from(path).toString();
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect(name, () => resolve(opened));
    opened.once('error', (cause) => {
      const closed = closedDirectory(name);
      const reason = closed === undefined ? cause.message : `${closed} is closed to the user as whom this process runs`;
      reject(new Fault('cannot-connect', `cannot connect to ${name}: ${reason}`, { path: name }, { cause }));
    });
  });
  socket.write(`${ticket}\n`);
  return socket;
}

/** Bytes in pieces, each of which may be overwritten when the next one is asked for. */
export type Bytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Sends `bytes` to whom `ticket` is for. Where the other end stops reading, this stops sending, without a fault: the call
 * that gave the ticket tells why.
 */
export async function sendBytes(ticket: Ticket, bytes: Bytes): Promise<void> {
  const socket = await redeem(ticket);
  try {
    await writeEach(socket, bytes);
    socket.end();
    await finished(socket, { readable: false });
  } catch (error) {
    if (!isClosedByPeer(error)) throw error;
  } finally {
    socket.destroy();
  }
}

/** Has `take` read the bytes that `ticket` is for. */
export async function receiveBytes(
  ticket: Ticket,
  take: (bytes: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const socket = await redeem(ticket);
  try {
    await take(socket);
  } finally {
    socket.destroy();
  }
}

/** Writes `bytes` to `stream`; asks for the next piece only when the last one has left. */
export async function writeEach(stream: Writable, bytes: Bytes): Promise<void> {
  for await (const piece of bytes) {
    await new Promise<void>((resolve, reject) => {
      stream.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  }
}

/** What a write is told when the other end has gone: before it, while it waited, or long ago. */
const closedByPeer = ['EPIPE', 'ECONNRESET', 'ECANCELED', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'];

/** Whether `error` says that the other end of a connection has gone. */
export function isClosedByPeer(error: unknown): boolean {
  return closedByPeer.includes((error as NodeJS.ErrnoException).code ?? '');
}
