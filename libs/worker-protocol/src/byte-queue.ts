/** Bytes that have come and are not yet read, as the pieces in which they came. */

export class ByteQueue {
  #pieces: Buffer[] = [];
  #length = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Takes in a piece, which is kept. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(asBuffer(piece));
    this.#length += piece.length;
  }

  /** The next `count` bytes, of which there must be as many; copied only where they lie in several pieces. */
  take(count: number): Buffer {
    if (count > this.#length) throw new Error(`${count} bytes are taken where ${this.#length} are`);
    const first = this.#pieces[0];
    if (first === undefined || first.length < count) return this.#gather(count);
    this.#length -= count;
    if (first.length === count) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(count);
    return first.subarray(0, count);
  }

  /** The next piece, as it came; nothing when there is none. */
  takePiece(): Buffer | undefined {
    const piece = this.#pieces.shift();
    this.#length -= piece?.length ?? 0;
    return piece;
  }

  /** Gives back the end of a piece that was taken: it comes next. */
  putBack(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieces.unshift(piece);
    this.#length += piece.length;
  }

  #gather(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    for (let at = 0; at < count; ) {
      const piece = this.takePiece() as Buffer;
      const used = Math.min(piece.length, count - at);
      piece.copy(bytes, at, 0, used);
      this.putBack(piece.subarray(used));
      at += used;
    }
    return bytes;
  }
}

function asBuffer(piece: Uint8Array): Buffer {
  return Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
}
