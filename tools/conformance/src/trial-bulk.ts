/** A bulk socket as a store has it: gives tickets, and takes what is sent for them. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Ticket } from '@cooper/contracts';
import type { Place } from './place.ts';

/** What came for a ticket: whole once the other end has closed. */
export interface Delivery {
  readonly ticket: Ticket;
  readonly bytes: Promise<Buffer>;
  /** How many bytes have come so far. */
  readonly count: () => number;
}

let last = 0;

export class TrialBulk implements Disposable {
  readonly #path: string;
  readonly #server: Server;
  readonly #waiting = new Map<string, (socket: Socket, first: Buffer) => void>();
  readonly #sockets = new Set<Socket>();

  private constructor(path: string) {
    this.#path = path;
    this.#server = createServer((socket) => this.#admit(socket));
  }

  static async listen({ base }: Place): Promise<TrialBulk> {
    const bulk = new TrialBulk(`${base}/bulk-${++last}`);
    bulk.#server.listen(bulk.#path);
    await once(bulk.#server, 'listening');
    return bulk;
  }

  /** A ticket, and what is sent for it. With `reads` false nothing is read: as a store that is busy. */
  expect(reads = true): Delivery {
    const ticket = randomBytes(16).toString('hex');
    let count = 0;
    const bytes = new Promise<Buffer>((resolve) => {
      this.#waiting.set(ticket, (socket, first) => {
        const chunks = [first];
        count = first.length;
        socket.on('close', () => resolve(Buffer.concat(chunks)));
        if (!reads) return;
        socket.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          count += chunk.length;
        });
        socket.resume();
      });
    });
    return { ticket: { socket: Buffer.from(this.#path), ticket }, bytes, count: () => count };
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #admit(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    let head: Buffer = Buffer.alloc(0);
    const look = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(0x0a);
      if (end < 0 && head.length <= 64) return;
      socket.off('data', look).pause();
      const ticket = head.toString('latin1', 0, Math.max(end, 0));
      const take = this.#waiting.get(ticket);
      this.#waiting.delete(ticket);
      if (take === undefined) socket.destroy();
      else take(socket, head.subarray(end + 1));
    };
    socket.on('data', look);
  }
}
