/** Delivers an archive through the bulk ticket of a store, and measures it on the way. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Ticket } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { createHasher, formatPrefixedHash } from '@cooper/hash';

export interface Delivered {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly narHash: string;
  /** Bytes. */
  readonly narSize: number;
}

/**
 * Sends `archive` for `ticket`, no faster than the store takes it; ends with the connection closed, however it ends. Throws
 * the fault `cancelled` when `signal` is aborted or the store closes early, and whatever `archive` throws.
 */
export async function deliver(
  archive: AsyncIterable<Uint8Array>,
  { socket: path, ticket }: Ticket,
  signal: AbortSignal,
): Promise<Delivered> {
  const hasher = createHasher('sha256');
  let narSize = 0;
  const socket = connect(Buffer.from(path).toString());
  const broken = once(socket, 'error').then(([error]) => cancelled((error as Error).message));
  const aborted = once(signal, 'abort').then(() => cancelled('nobody wants it any more'));
  const stopped = Promise.race([broken, aborted]);
  stopped.catch(() => undefined);
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) cancelled('nobody wants it any more');
    await Promise.race([once(socket, 'connect'), stopped]);
    socket.write(`${ticket}\n`);
    for await (const chunk of archive) {
      hasher.update(chunk);
      narSize += chunk.length;
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), stopped]);
    }
    socket.end();
    await Promise.race([once(socket, 'close'), stopped]);
    return { narHash: formatPrefixedHash(hasher.digest(), 'base16'), narSize };
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

function cancelled(reason: string): never {
  throw new Fault('cancelled', `the delivery was cut off: ${reason}`);
}
