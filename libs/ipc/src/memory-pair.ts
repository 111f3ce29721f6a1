/** Two ends of a channel inside one process, for tests and for whoever runs client and server together. */
import { type Duplex, duplexPair } from 'node:stream';

/** What is written to one end is read from the other. As with sockets, an end whose peer is gone closes too. */
export function memoryPair(): [Duplex, Duplex] {
  const [near, far] = duplexPair();
  closeAfter(near, far);
  closeAfter(far, near);
  return [near, far];
}

function closeAfter(stream: Duplex, peer: Duplex): void {
  peer.once('close', () => {
    if (stream.readableEnded) stream.destroy();
    else stream.once('end', () => stream.destroy());
  });
}
