/** Where archives go that are fetched: to a store, through a ticket, or to whoever wants a small one as it is. */
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { redeem } from '@cooper/bulk';
import type { Ticket } from '@cooper/contracts';
import { Fault } from '@cooper/fault';

export interface Sink {
  /** Whether nobody listens any more: whoever has stopped says why. */
  readonly refused: boolean;
  /** Resolves when `bytes` are no longer needed, and there is room for more. Throws the fault `cancelled` when nobody listens any more. */
  write(bytes: Uint8Array): Promise<void>;
  /** The archive is whole. */
  end(): Promise<void>;
  close(): void;
}

export class TicketSink implements Sink {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Connects with the ticket. Throws the fault `cannot-connect`. */
  static async open(ticket: Ticket, signal: AbortSignal): Promise<TicketSink> {
    const socket = await redeem(ticket);
    // Whoever writes is told; nobody may be writing when it breaks.
    socket.on('error', () => undefined);
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    return new TicketSink(socket);
  }

  get refused(): boolean {
    return this.#socket.destroyed || this.#socket.errored !== null;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.refused) throw new Fault('cancelled', 'the store takes no more');
    await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()));
    if (this.refused) throw new Fault('cancelled', 'the store takes no more');
  }

  async end(): Promise<void> {
    this.#socket.end();
    await finished(this.#socket, { readable: false }).catch(() => undefined);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Keeps what it is given. */
export class MemorySink implements Sink {
  readonly refused = false;
  readonly #pieces: Uint8Array[] = [];

  get bytes(): Uint8Array {
    return this.#pieces.length === 1 ? (this.#pieces[0] as Uint8Array) : Buffer.concat(this.#pieces);
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(Buffer.from(bytes));
    return Promise.resolve();
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    // There is nobody to be told.
  }
}
