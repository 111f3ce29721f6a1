/** The connections of clients: a limited number of them, each handed to the HTTP server. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Whoever comes when there are so many is turned away. */
const maxConnections = 1000;

export class Connections {
  readonly #server: Server;
  #open = 0;

  constructor(server: Server) {
    this.#server = server;
    // Sockets that were opened elsewhere: without this event, nobody would look at how long their requests take.
    server.emit('listening');
  }

  /** Serves one connection to its end. */
  async serve(socket: Socket): Promise<void> {
    if (this.#open >= maxConnections) return void socket.destroy();
    this.#open++;
    const end = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
    this.#server.emit('connection', socket);
    await end;
    this.#open--;
  }
}
