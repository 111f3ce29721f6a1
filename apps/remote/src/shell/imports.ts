/**
 * Imports from the near side. One waits for those before it whose archives its own may refer to, and not for others: what is
 * small need not wait until what is large has come. Pieces are passed on to the store as they come, and each is answered when
 * it has left, so that a near side that waits for answers never has more of them here than it means to.
 */
import { Readable } from 'node:stream';
import { decompressed, isBadCompression, sendBytes } from '@cooper/bulk';
import type { Params, remoteContract, TransferCompression } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import { orAborted } from '@cooper/ipc';
import type { RemoteParts } from './parts.ts';
import { PieceQueue } from './piece-queue.ts';

type Piece = Params<typeof remoteContract, 'importPiece'>;

/** How much, in bytes, may wait here. */
const mostWaiting = 64 * 1024 * 1024;

/** How many may be under way at once; one more waits for all before it. */
const mostOpen = 16;

/** How many of the imports that failed are remembered. */
const mostFailures = 1000;

interface Import {
  readonly queue: PieceQueue;
  /** Resolves when the store is done with it, to why it would not have it. */
  readonly ended: Promise<Fault | undefined>;
}

export class Imports {
  readonly #store: RemoteParts['store'];
  readonly #open = new Map<number, Import>();
  /** Those that failed, for the builds that need them. */
  readonly #failed = new Map<number, Fault>();
  #last = -1;
  #allBefore: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(store: RemoteParts['store']) {
    this.#store = store;
  }

  /**
   * Resolves when the piece has been passed on; the last one of an import, when its items are registered. A piece that is
   * taken back, or has no room, leaves a gap: the whole import fails.
   */
  async take(piece: Piece, signal: AbortSignal): Promise<void> {
    const { import: number, data, last } = piece;
    if (number > this.#last) this.#begin(piece);
    const { queue, ended } = this.#opened(number);
    if (this.#waiting + data.length > mostWaiting) {
      const message = `more than ${mostWaiting} bytes of imports wait here`;
      queue.fail(new Fault('too-many-requests', message, { limit: mostWaiting }));
    }
    this.#waiting += data.length;
    try {
      await orAborted(queue.put(data, last), signal);
      const fault = last ? await orAborted(ended, signal) : undefined;
      if (fault !== undefined) throw fault;
    } catch (error) {
      if (isFault(error)) queue.fail(error);
      throw error;
    } finally {
      this.#waiting -= data.length;
    }
  }

  /** Resolves when this import has ended well, and throws the fault `import-failed` when it has not. */
  async whenDone(number: number, signal: AbortSignal): Promise<void> {
    if (number > this.#last) throw unknownImport(number);
    const fault = this.#failed.get(number) ?? (await orAborted(this.#open.get(number)?.ended, signal));
    if (fault === undefined) return;
    throw new Fault('import-failed', `import ${number}: ${fault.message}`, { import: number }, { cause: fault });
  }

  #begin({ import: number, compression = 'none', after }: Piece): void {
    this.#last = number;
    const queue = new PieceQueue();
    const ended = this.#endsOf(after).then(() => this.#run(number, queue, compression));
    this.#allBefore = Promise.all([this.#allBefore, ended]);
    this.#open.set(number, { queue, ended });
  }

  #endsOf(imports: readonly number[] | undefined): Promise<unknown> {
    if (imports === undefined || this.#open.size >= mostOpen) return this.#allBefore;
    return Promise.all(imports.map((number) => this.#open.get(number)?.ended));
  }

  #opened(number: number): Import {
    const open = this.#open.get(number);
    if (open !== undefined) return open;
    throw this.#failed.get(number) ?? unknownImport(number);
  }

  async #run(number: number, queue: PieceQueue, compression: TransferCompression): Promise<Fault | undefined> {
    try {
      await this.#pass(compression === 'none' ? queue.bytes() : unpacked(queue.bytes()));
      return undefined;
    } catch (error) {
      if (!isFault(error)) throw error;
      queue.fail(error);
      this.#remember(number, error);
      return error;
    } finally {
      this.#open.delete(number);
    }
  }

  async #pass(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#store.call('importPaths', { allowUnsigned: false }, { onItem: (ticket) => sendBytes(ticket, bytes) });
  }

  #remember(number: number, fault: Fault): void {
    this.#failed.set(number, fault);
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > mostFailures && oldest !== undefined) this.#failed.delete(oldest);
  }
}

async function* unpacked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  try {
    yield* decompressed(Readable.from(bytes), 'zstd') as AsyncIterable<Buffer>;
  } catch (error) {
    if (!isBadCompression(error)) throw error;
    throw new Fault('invalid-export', `invalid export: ${(error as Error).message}`, {}, { cause: error });
  }
}

function unknownImport(number: number): Fault {
  return new Fault('unknown-import', `import ${number} was not begun, or has ended`, { import: number });
}
