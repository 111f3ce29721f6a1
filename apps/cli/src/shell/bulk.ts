/** Bytes to and from the store, past the messages: connections that begin with a ticket. */
import { connect, type Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import type { Ticket } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { type Bytes, writeEach } from './output.ts';

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

/** The bytes that `ticket` is for. */
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

async function redeem({ socket: path, ticket }: Ticket): Promise<Socket> {
  const name = Buffer.from(path).toString();
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect(name, () => resolve(opened));
    opened.once('error', (error) =>
      reject(
        new Fault('cannot-connect', `cannot connect to ${name}: ${error.message}`, { path: name }, { cause: error }),
      ),
    );
  });
  socket.write(`${ticket}\n`);
  return socket;
}

function isClosedByPeer(error: unknown): boolean {
  return ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as NodeJS.ErrnoException).code ?? '');
}
