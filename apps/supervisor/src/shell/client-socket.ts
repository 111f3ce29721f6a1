/** Where clients of the outside come: paths, addresses of the network, and sockets that systemd has opened for us. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '@cooper/fault';
import { type ListeningSocket, makeListeningSocket } from './listening-socket.ts';

export type ClientSocket =
  | { readonly kind: 'path'; readonly path: string }
  /** `HOST:PORT`, which the process binds itself: it takes no rights. */
  | { readonly kind: 'address'; readonly address: string }
  /** Opened by whoever started us. */
  | { readonly kind: 'descriptor'; readonly descriptor: number };

/** guix-daemon's port, where none is given. */
const defaultPort = 44_146;

/** The first descriptor that systemd passes (sd_listen_fds(3)). */
const firstPassed = 3;

/** What the settings name; where systemd has opened sockets, those instead, as guix-daemon has it. */
export function clientSockets(named: readonly string[], environment: NodeJS.ProcessEnv): readonly ClientSocket[] {
  const passed = passedSockets(environment);
  return passed.length > 0 ? passed : named.map(parse);
}

/** A listening socket for this; whoever may connect to it is told by the daemon from the peer's credentials. */
export function openClientSocket(socket: Exclude<ClientSocket, { kind: 'address' }>): ListeningSocket {
  // The copy of a passed socket is kept: it serves the next process, too, should this one die.
  if (socket.kind === 'descriptor') return { fd: socket.descriptor, release: () => undefined };
  mkdirSync(dirname(socket.path), { recursive: true, mode: 0o755 });
  return makeListeningSocket(socket.path, 0o666);
}

function passedSockets({ LISTEN_PID: pid, LISTEN_FDS: count }: NodeJS.ProcessEnv): ClientSocket[] {
  if (pid !== String(process.pid)) return [];
  if (count === undefined || !/^\d{1,3}$/.test(count)) {
    throw new Fault('invalid-option', `LISTEN_FDS is \`${count}', which is no number of sockets`, { count });
  }
  return Array.from({ length: Number(count) }, (_, index) => ({
    kind: 'descriptor',
    descriptor: firstPassed + index,
  }));
}

function parse(text: string): ClientSocket {
  if (text.startsWith('/')) return { kind: 'path', path: text };
  const [, host, port = defaultPort] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new Fault('invalid-option', `clients cannot connect to \`${text}': it is no path, HOST or HOST:PORT`, {
      text,
    });
  }
  return { kind: 'address', address: `${host}:${port}` };
}
