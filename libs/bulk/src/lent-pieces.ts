/** Pieces whose memory is freed as soon as nobody looks at them any more: see `giveBack`. */

/** Smaller pieces may be parts of a pool. In bytes. */
const leastOwn = 16 * 1024;

/**
 * Frees the memory of a piece that nobody looks at any more, if it is not part of a larger one. Else it waits for V8, which
 * goes through all that a process has after every 64 MiB that came: that is half of the time that reading takes.
 */
export function giveBack(piece: Uint8Array): void {
  const { buffer, length } = piece;
  if (length < leastOwn || length < buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  buffer.transfer(0);
}

/** What comes from `stream`. Each piece is only lent: its memory is used again when the next one is asked for. */
export async function* lentPieces<T extends Uint8Array>(stream: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const piece of stream) {
    yield piece;
    giveBack(piece);
  }
}
