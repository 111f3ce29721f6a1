/** Who a client is. */
import type { Socket } from 'node:net';
import { peerCredentials } from '@cooper/system-calls';
import type { Site } from './site.ts';
import type { User } from './users.ts';

export interface Peer {
  /** For people. */
  readonly name: string;
  /** The user; nobody knows it for clients that come through the network. */
  readonly user: User | undefined;
  readonly gid: number | undefined;
  /** May do what could harm the store or others. */
  readonly trusted: boolean;
  readonly remote: boolean;
}

/** What Node knows of the descriptor behind a socket, and does not say in its types. */
interface WithHandle {
  readonly _handle: { readonly fd: number } | null;
}

/** Who is at the other end of `socket`. */
export async function identify(socket: Socket, { users, owner }: Site): Promise<Peer> {
  if (socket.remoteAddress !== undefined) {
    const name = `${socket.remoteAddress}:${socket.remotePort}`;
    return { name, user: undefined, gid: undefined, trusted: false, remote: true };
  }
  const descriptor = (socket as unknown as WithHandle)._handle?.fd ?? -1;
  const credentials = peerCredentials(descriptor);
  const user = await users.byId(credentials.user);
  const trusted = user.uid === 0 || user.uid === owner;
  return { name: `pid ${credentials.pid}, user ${user.name}`, user, gid: credentials.group, trusted, remote: false };
}
