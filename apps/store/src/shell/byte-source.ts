/** A stream of bytes, read piece by piece: exact numbers of bytes, or as they come. */
import { Fault } from '@cooper/fault';
import type { Hasher } from '@cooper/hash';

/** No path or name in an export stream is longer. */
const maxString = 4096;

export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);
  #hasher: Hasher | undefined;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Has the hasher see what `read` reads by `integer` and `string`. */
  async hashing<T>(hasher: Hasher, read: () => Promise<T>): Promise<T> {
    this.#hasher = hasher;
    try {
      return await read();
    } finally {
      this.#hasher = undefined;
    }
  }

  /** Hands over bytes as they come until `take` has taken fewer than it was given. */
  async feed(take: (chunk: Buffer) => number, isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      if (this.#buffer.length === 0) await this.#more();
      this.#buffer = this.#buffer.subarray(take(this.#buffer));
    }
  }

  async integer(): Promise<number> {
    const bytes = await this.#read(8);
    const value = bytes.readBigUInt64LE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new Fault('invalid-export', `invalid export: the number ${value}`);
    return Number(value);
  }

  async string(limit = maxString): Promise<string> {
    const length = await this.integer();
    if (length > limit) throw new Fault('invalid-export', `invalid export: a string of ${length} bytes`);
    const bytes = await this.#read(length);
    const padding = await this.#read((8 - (length & 7)) & 7);
    if (padding.some((byte) => byte !== 0))
      throw new Fault('invalid-export', 'invalid export: padding that is not zero');
    return bytes.toString('latin1');
  }

  /** True when there is nothing left. */
  async isAtEnd(): Promise<boolean> {
    if (this.#buffer.length > 0) return false;
    const { done, value } = await this.#chunks.next();
    if (!done) this.#buffer = value;
    return done === true;
  }

  async #read(size: number): Promise<Buffer> {
    while (this.#buffer.length < size) await this.#more();
    const bytes = this.#buffer.subarray(0, size);
    this.#buffer = this.#buffer.subarray(size);
    this.#hasher?.update(bytes);
    return bytes;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done) throw new Fault('invalid-export', 'invalid export: cut off');
    this.#buffer = this.#buffer.length === 0 ? value : Buffer.concat([this.#buffer, value]);
  }
}
