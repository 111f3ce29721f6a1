/** Frames: an unsigned 32-bit big-endian length, then that many bytes of one message. */
import { Fault } from '@cooper/fault';

/** The longest message, in bytes. A longer length is refused before anything is kept of it. */
export const maxFrame = 16 * 1024 * 1024;

/** The bytes of the length. */
export const headerSize = 4;

/** What a frame that comes in pieces is given first; it grows as bytes arrive, never by what its length announces. */
const firstRoom = 64 * 1024;

/**
 * Cuts a stream of bytes into messages. What is kept never exceeds twice what has arrived of one message, however small
 * the pieces, and each byte is copied a bounded number of times. Messages are views of chunks or of memory of their own:
 * nothing is written to again.
 */
export class FrameReader {
  readonly #header = Buffer.alloc(headerSize);
  #headerFilled = 0;
  /** The start of a message whose length is known. */
  #message = Buffer.alloc(0);
  #filled = 0;

  /** Takes in `chunk`, and gives the messages that are whole now. Throws the fault `malformed-message` on a length past the limit. */
  *push(chunk: Buffer): Generator<Buffer> {
    let at = 0;
    while (at < chunk.length) {
      at += this.#takeHeader(chunk, at);
      if (this.#headerFilled < headerSize) return;
      const length = checkLength(this.#header.readUInt32BE(0));
      const have = Math.min(length - this.#filled, chunk.length - at);
      const piece = chunk.subarray(at, at + have);
      at += have;
      if (have === length) yield this.#whole(piece);
      else if (this.#keep(piece, length) === length) yield this.#whole(this.#message.subarray(0, length));
    }
  }

  /** True between messages: the stream may end here. */
  get isEmpty(): boolean {
    return this.#headerFilled === 0;
  }

  #takeHeader(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#header, this.#headerFilled, at, at + headerSize - this.#headerFilled);
    this.#headerFilled += copied;
    return copied;
  }

  #keep(piece: Buffer, length: number): number {
    const size = this.#filled + piece.length;
    if (size > this.#message.length) {
      const room = Math.min(length, Math.max(firstRoom, 2 * size));
      const grown = Buffer.allocUnsafeSlow(room);
      this.#message.copy(grown, 0, 0, this.#filled);
      this.#message = grown;
    }
    piece.copy(this.#message, this.#filled);
    this.#filled = size;
    return size;
  }

  #whole(message: Buffer): Buffer {
    this.#headerFilled = 0;
    this.#filled = 0;
    this.#message = Buffer.alloc(0);
    return message;
  }
}

function checkLength(length: number): number {
  if (length <= maxFrame) return length;
  throw new Fault('malformed-message', `a message of ${length} bytes is longer than ${maxFrame}`, { length });
}
