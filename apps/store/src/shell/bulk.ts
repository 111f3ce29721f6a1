/**
 * The bulk socket: raw bytes of archives, straight between the store and whoever has them. A connection begins with a
 * ticket and a line feed; a ticket serves once, for a limited time, and only while the call that gave it is under way.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { cooperUser } from '@cooper/config';
import type { Ticket } from '@cooper/contracts';
import { Fault } from '@cooper/fault';

/** The call that a ticket is for. */
export interface TicketedCall {
  send(ticket: Ticket): Promise<void>;
  readonly signal: AbortSignal;
}

/** Letters of a ticket, hexadecimal: 128 bits that nobody can guess. */
const ticketLength = 32;

/** How long, in ms, a ticket may wait for its connection, and a connection take to show its ticket. */
const patience = 30_000;

export class Bulk {
  readonly #path: string;
  readonly #patience: number;
  readonly #waiting = new Map<string, (socket: Socket) => void>();
  #server: Server | undefined;

  constructor(path: string, waits = patience) {
    this.#path = path;
    this.#patience = waits;
  }

  /** Begins to listen, in the place of a process that is no more. */
  async listen(): Promise<void> {
    rmSync(this.#path, { force: true });
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#admit(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: this.#path }, resolve);
    });
    openToOurs(this.#path);
  }

  close(): void {
    this.#server?.close();
  }

  /**
   * Gives a ticket to the caller and has `use` work with the connection that shows it, which is closed afterwards, or as
   * soon as the call is cancelled. Throws the fault `cancelled` when nobody shows it.
   */
  async serve<T>(call: TicketedCall, use: (socket: Socket) => Promise<T>): Promise<T> {
    const ticket = randomBytes(ticketLength / 2).toString('hex');
    const connection = this.#wait(ticket, call.signal);
    await call.send({ socket: Buffer.from(this.#path), ticket });
    const socket = await connection.arrived;
    const stop = () => socket.destroy();
    call.signal.addEventListener('abort', stop, { once: true });
    try {
      return await use(socket);
    } catch (error) {
      throw isStreamError(error) ? new Fault('cancelled', 'the connection broke', {}, { cause: error }) : error;
    } finally {
      call.signal.removeEventListener('abort', stop);
      socket.destroy();
    }
  }

  #wait(ticket: string, signal: AbortSignal): { readonly arrived: Promise<Socket> } {
    const arrived = new Promise<Socket>((resolve, reject) => {
      const refuse = (why: string) => {
        this.#waiting.delete(ticket);
        reject(new Fault('cancelled', `nobody came with the ticket: ${why}`));
      };
      const timer = setTimeout(() => refuse(`waited ${this.#patience} ms`), this.#patience);
      signal.addEventListener('abort', () => refuse('the call was cancelled'), { once: true });
      this.#waiting.set(ticket, (socket) => {
        clearTimeout(timer);
        resolve(socket);
      });
    });
    // The caller may be gone before anybody waits for it: that is told where it is waited for.
    arrived.catch(() => undefined);
    return { arrived };
  }

  #admit(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), this.#patience);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => clearTimeout(timer));
    const look = () => {
      const line: Buffer | null = socket.read(ticketLength + 1);
      if (line === null) return;
      socket.off('readable', look);
      clearTimeout(timer);
      this.#redeem(line, socket);
    };
    socket.on('readable', look);
    socket.on('end', () => {
      if (socket.listeners('readable').includes(look)) socket.destroy();
    });
  }

  #redeem(line: Buffer, socket: Socket): void {
    const ticket = line.toString('latin1', 0, ticketLength);
    const take = line[ticketLength] === 0x0a ? this.#waiting.get(ticket) : undefined;
    this.#waiting.delete(ticket);
    if (take === undefined) socket.destroy();
    else take(socket);
  }
}

/** Processes that root has made another user come with tickets, too. */
function openToOurs(path: string): void {
  if (process.getuid?.() === 0) chownSync(path, 0, cooperUser().gid);
  chmodSync(path, process.getuid?.() === 0 ? 0o660 : 0o600);
}

function isStreamError(error: unknown): boolean {
  const code = String((error as { code?: unknown }).code);
  return ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'].includes(code);
}
