/** Frames: an unsigned 32-bit big-endian length, then that many bytes of one message. */
import { Fault } from '@cooper/fault';

/** The longest message, in bytes. A longer length is refused before anything is kept of it. */
export const maxFrame = 16 * 1024 * 1024;

const headerSize = 4;

/** Cuts a stream of bytes into frames. What is kept never exceeds one frame and one chunk. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;

  /** Takes in `chunk`, and gives the messages that are whole now. Throws the fault `malformed-message` on a length past the limit. */
  *push(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) yield frame;
  }

  /** True between frames: the stream may end here. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  #take(): Buffer | undefined {
    if (this.#size < headerSize) return undefined;
    const length = this.#peek(headerSize).readUInt32BE(0);
    if (length > maxFrame) {
      throw new Fault('malformed-message', `a frame of ${length} bytes is longer than ${maxFrame}`, { length });
    }
    if (this.#size < headerSize + length) return undefined;
    const frame = this.#peek(headerSize + length).subarray(headerSize, headerSize + length);
    this.#drop(headerSize + length);
    return frame;
  }

  /** At least `size` bytes from the front, in one piece: joined at most once for each frame. */
  #peek(size: number): Buffer {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= size) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #drop(size: number): void {
    const first = this.#chunks[0] as Buffer;
    if (first.length === size) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(size);
    this.#size -= size;
  }
}
