/** The bytes behind a ticket. */
import { connect, type Socket } from 'node:net';
import type { Ticket } from '@cooper/contracts';

/** Connects and shows the ticket. */
export async function redeem({ socket: path, ticket }: Ticket): Promise<Socket> {
  const socket = connect(Buffer.from(path).toString());
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  // What a broken connection means is told by the call that gave the ticket.
  socket.on('error', () => socket.destroy());
  socket.write(`${ticket}\n`);
  return socket;
}

export async function sendBytes(ticket: Ticket, bytes: Uint8Array): Promise<void> {
  (await redeem(ticket)).end(bytes);
}

/** Everything until the other end closes. */
export async function receiveBytes(ticket: Ticket): Promise<Buffer> {
  const socket = await redeem(ticket);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks);
}
