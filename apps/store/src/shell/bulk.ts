/**
 * The bulk socket: raw bytes of archives, straight between the store and whoever has them. A connection begins with a
 * ticket and a line feed; each ticket serves once, and only while the call that gave it is under way.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { Ticket } from '@cooper/contracts';
import { Fault } from '@cooper/fault';

const ticketLength = 32;

/** How long, in ms, a connection may take to show its ticket, and a ticket may wait for its connection. */
const patience = 30_000;

export class Bulk {
  readonly #path: string;
  readonly #waiting = new Map<string, (socket: Socket) => void>();

  constructor(path: string) {
    this.#path = path;
  }

  /** Begins to listen. */
  listen(): Promise<void> {
    const server = createServer((socket) => this.#admit(socket));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: this.#path }, resolve);
    });
  }

  /** A fresh ticket, and the connection of whoever shows it. */
  issue(signal: AbortSignal): { readonly ticket: Ticket; readonly connection: Promise<Socket> } {
    const ticket = randomBytes(ticketLength / 2).toString('hex');
    const connection = new Promise<Socket>((resolve, reject) => {
      const refuse = (why: string) => {
        this.#waiting.delete(ticket);
        reject(new Fault('cancelled', `nobody came with the ticket: ${why}`));
      };
      const timer = setTimeout(() => refuse(`waited ${patience} ms`), patience);
      signal.addEventListener('abort', () => refuse('the call was cancelled'), { once: true });
      this.#waiting.set(ticket, (socket) => {
        clearTimeout(timer);
        resolve(socket);
      });
    });
    return { ticket: { socket: Buffer.from(this.#path), ticket }, connection };
  }

  #admit(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), patience);
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => {
      clearTimeout(timer);
      this.#readTicket(socket);
    });
  }

  #readTicket(socket: Socket): void {
    const line: Buffer | null = socket.read(ticketLength + 1);
    if (line === null) {
      if (!socket.readableEnded) socket.once('readable', () => this.#readTicket(socket));
      return;
    }
    const ticket = line.toString('latin1', 0, ticketLength);
    const take = line[ticketLength] === 0x0a ? this.#waiting.get(ticket) : undefined;
    this.#waiting.delete(ticket);
    if (take === undefined) socket.destroy();
    else take(socket);
  }
}
