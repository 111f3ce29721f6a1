/**
 * Imports from the near side, one behind the other: the archives of an import may refer to those of one before it. Pieces
 * are passed on to the store as they come, and each is answered when it has left, so that a near side that waits for
 * answers never has more of them here than it means to.
 */

import { Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { sendBytes } from '@cooper/bulk';
import type { Params, remoteContract } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import type { RemoteParts } from './parts.ts';
import { PieceQueue } from './piece-queue.ts';

type Piece = Params<typeof remoteContract, 'importPiece'>;

/** How much, in bytes, may wait here. */
const mostWaiting = 64 * 1024 * 1024;

/** How many of the imports that failed are remembered. */
const mostFailures = 1000;

export class Imports {
  readonly #store: RemoteParts['store'];
  readonly #open = new Map<number, { readonly queue: PieceQueue; readonly end: Promise<void> }>();
  /** Those that failed, for the builds that need them. */
  readonly #failed = new Map<number, Fault>();
  #last = -1;
  #previous: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(store: RemoteParts['store']) {
    this.#store = store;
  }

  /** Resolves when the piece has been passed on; the last one of an import, when its items are registered. */
  async take({ import: number, data, last, compression }: Piece): Promise<void> {
    if (number > this.#last) this.#begin(number, compression ?? 'none');
    const { queue, end } = this.#opened(number);
    if (this.#waiting + data.length > mostWaiting) {
      throw new Fault('too-many-requests', `more than ${mostWaiting} bytes of imports wait here`, {
        limit: mostWaiting,
      });
    }
    this.#waiting += data.length;
    try {
      await queue.put(data, last);
    } finally {
      this.#waiting -= data.length;
    }
    if (last) await end;
  }

  /** Resolves when this import has ended well, and throws the fault `import-failed` when it has not. */
  async whenDone(number: number): Promise<void> {
    if (number > this.#last) throw unknownImport(number);
    try {
      await this.#open.get(number)?.end;
    } catch (error) {
      if (!isFault(error)) throw error;
    }
    const fault = this.#failed.get(number);
    if (fault === undefined) return;
    throw new Fault('import-failed', `import ${number}: ${fault.message}`, { import: number }, { cause: fault });
  }

  #begin(number: number, compression: 'none' | 'zstd'): void {
    this.#last = number;
    const queue = new PieceQueue();
    const end = this.#previous.then(() => this.#run(queue, compression));
    this.#previous = end.catch((error: Fault) => this.#fail(number, queue, error));
    this.#open.set(number, { queue, end });
    void this.#previous.then(() => this.#open.delete(number));
  }

  #opened(number: number) {
    const open = this.#open.get(number);
    if (open !== undefined) return open;
    throw this.#failed.get(number) ?? unknownImport(number);
  }

  async #run(queue: PieceQueue, compression: 'none' | 'zstd'): Promise<void> {
    const bytes = compression === 'none' ? queue.bytes() : decompressed(queue.bytes());
    let sent: Promise<void> | undefined;
    await this.#store.call(
      'importPaths',
      { allowUnsigned: false },
      { onItem: (ticket) => (sent = sendBytes(ticket, bytes)) },
    );
    await sent;
  }

  #fail(number: number, queue: PieceQueue, fault: Fault): void {
    if (!isFault(fault)) throw fault;
    queue.fail(fault);
    this.#failed.set(number, fault);
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > mostFailures && oldest !== undefined) this.#failed.delete(oldest);
  }
}

async function* decompressed(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  try {
    yield* Readable.from(bytes).compose(createZstdDecompress()) as unknown as AsyncIterable<Buffer>;
  } catch (error) {
    if (isFault(error)) throw error;
    throw new Fault('invalid-export', `invalid export: ${(error as Error).message}`, {}, { cause: error });
  }
}

function unknownImport(number: number): Fault {
  return new Fault('unknown-import', `import ${number} was not begun, or has ended`, { import: number });
}
