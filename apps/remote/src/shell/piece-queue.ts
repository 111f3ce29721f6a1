/** The pieces of one import, between the calls that bring them and the store that takes them. */
import type { Fault } from '@cooper/fault';

interface Piece {
  readonly data: Uint8Array;
  readonly taken: PromiseWithResolvers<void>;
}

export class PieceQueue {
  readonly #pieces: Piece[] = [];
  #isWhole = false;
  #fault: Fault | undefined;
  #wake: () => void = nothingWaits;

  /** Resolves when whoever reads has taken `data` and asks for what follows. */
  put(data: Uint8Array, isLast: boolean): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault;
    const taken = Promise.withResolvers<void>();
    this.#pieces.push({ data, taken });
    this.#isWhole ||= isLast;
    this.#wake();
    return taken.promise;
  }

  /** Has all hear of it who wait, or come later, on either side. Without effect when there was a fault before. */
  fail(fault: Fault): void {
    this.#fault ??= fault;
    for (const { taken } of this.#pieces.splice(0)) taken.reject(this.#fault);
    this.#wake();
  }

  /** The pieces in their order, until the last one. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#fault !== undefined) throw this.#fault;
      const piece = this.#pieces[0];
      if (piece !== undefined) {
        yield piece.data;
        this.#pieces.shift();
        piece.taken.resolve();
      } else if (this.#isWhole) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

function nothingWaits(): void {
  // Until someone reads, there is nobody to wake.
}
