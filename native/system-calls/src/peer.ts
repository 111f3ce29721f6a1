/** Who is at the other end of a Unix socket. */
import { addon } from './addon.ts';

/** As they were when the connection was made; `pid` is 0 where the peer is outside our process namespace. */
export interface PeerCredentials {
  readonly pid: number;
  readonly user: number;
  readonly group: number;
}

/** The credentials of the peer of a connected Unix stream socket (SO_PEERCRED, unix(7)). */
export function peerCredentials(descriptor: number): PeerCredentials {
  addon.peerCredentials(descriptor);
  const [pid = 0, user = 0, group = 0] = addon.registers;
  return { pid, user, group };
}
