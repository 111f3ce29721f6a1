/** The bytes behind a ticket, whole. */
import * as bulk from '@cooper/bulk';
import type { Ticket } from '@cooper/contracts';

export function sendArchive(ticket: Ticket, archive: Uint8Array): Promise<void> {
  return bulk.sendBytes(ticket, [archive]);
}

/** Everything until the other end closes. */
export async function receiveArchive(ticket: Ticket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await bulk.receiveBytes(ticket, async (bytes) => {
    for await (const chunk of bytes) chunks.push(chunk);
  });
  return Buffer.concat(chunks);
}

/** Shows a ticket that is not good, and waits until the other end closes. */
export async function beTurnedAway(ticket: Ticket): Promise<void> {
  const socket = await bulk.redeem(ticket);
  // A reset turns away as well as an end does.
  socket.on('error', () => socket.destroy());
  await new Promise((resolve) => socket.once('close', resolve));
}
