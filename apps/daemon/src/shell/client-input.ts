/** What a client sends, read field by field. What nobody reads yet stays with the kernel, but for a bounded beginning. */
import type { Socket } from 'node:net';
import { Fault } from '@cooper/fault';
import { ByteQueue, Progress, type Reading } from '@cooper/worker-protocol';
import type { MemoryBudget } from './memory-budget.ts';

/** How many bytes are taken from the socket before they are asked for. */
const ahead = 64 * 1024;

/** How long, in ms, one field may take to come. */
const patience = 600_000;

export class ClientInput {
  readonly #socket: Socket;
  readonly #budget: MemoryBudget;
  readonly #queue = new ByteQueue();
  readonly #gone = new AbortController();
  #wanted = 0;
  #wake: (() => void) | undefined;

  constructor(socket: Socket, budget: MemoryBudget) {
    this.#socket = socket;
    this.#budget = budget;
    socket.on('readable', () => this.#take());
    const end = () => this.#end();
    socket.on('end', end).on('close', end).on('error', end);
  }

  /** Aborted when the client has gone: there is nobody to answer. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Reads something. Throws the faults `malformed-request`, and `client-gone` where it is cut off. */
  async read<T>(reading: Reading<T>): Promise<T> {
    const progress = new Progress(reading);
    while (!progress.advance(this.#queue)) {
      if (progress.wanted > ahead) await this.#readLarge(progress.wanted);
      else if (!(await this.#more())) throw gone();
    }
    return progress.value;
  }

  /** Waits for a field that takes memory worth counting; a client that lets it wait is cut off. */
  async #readLarge(wanted: number): Promise<void> {
    using _share = await this.#budget.take(wanted);
    const timer = setTimeout(() => this.#socket.destroy(), patience);
    this.#wanted = wanted;
    try {
      while (this.#queue.length < wanted) if (!(await this.#more())) throw gone();
    } finally {
      clearTimeout(timer);
      this.#wanted = 0;
    }
  }

  /** Waits for bytes. False when no more will come. */
  async hasMore(): Promise<boolean> {
    return this.#queue.length > 0 || (await this.#more());
  }

  /** The next bytes, as they come. Throws the fault `client-gone`. */
  async nextPiece(): Promise<Buffer> {
    if (!(await this.hasMore())) throw gone();
    return this.#queue.takePiece() as Buffer;
  }

  /** Gives back what of a piece belongs to what comes behind it. */
  putBack(rest: Buffer): void {
    this.#queue.putBack(rest);
  }

  /** Waits until more bytes are in the queue. */
  async #more(): Promise<boolean> {
    const before = this.#queue.length;
    this.#take();
    while (this.#queue.length === before) {
      if (this.#gone.signal.aborted) return false;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#take();
    }
    return true;
  }

  #take(): void {
    while (this.#queue.length < Math.max(ahead, this.#wanted)) {
      const piece: Buffer | null = this.#socket.read();
      if (piece === null) break;
      this.#queue.push(piece);
    }
    this.#wake?.();
  }

  #end(): void {
    this.#gone.abort();
    this.#wake?.();
  }
}

function gone(): Fault {
  return new Fault('client-gone', 'the client has closed the connection');
}
