/** Writes the fields of the protocol, and gathers them: one piece for the socket, however many fields. */

/** What is longer goes out as it is, uncopied. */
const longBytes = 16 * 1024;

const zeros = Buffer.alloc(8);

export class FieldWriter {
  #done: Uint8Array[] = [];
  #piece = Buffer.allocUnsafe(1024);
  #used = 0;

  /** A number of 32 bits. */
  integer(value: number): this {
    this.#room(8);
    this.#piece.writeUInt32LE(value, this.#used);
    this.#piece.writeUInt32LE(0, this.#used + 4);
    this.#used += 8;
    return this;
  }

  boolean(value: boolean): this {
    return this.integer(value ? 1 : 0);
  }

  /** A number of 64 bits; negative ones as C would have them. */
  long(value: bigint | number): this {
    this.#room(8);
    this.#used = this.#piece.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), this.#used);
    return this;
  }

  /** Length, bytes and padding. Long bytes are only lent until `take`. */
  bytes(value: Uint8Array): this {
    this.integer(value.length);
    this.raw(value);
    return this.raw(zeros.subarray(0, paddingOf(value.length)));
  }

  /** One character (0 to 255) a byte. */
  string(value: string): this {
    this.integer(value.length);
    const padding = paddingOf(value.length);
    this.#room(value.length + padding);
    this.#used += this.#piece.write(value, this.#used, 'latin1');
    return this.raw(zeros.subarray(0, padding));
  }

  strings(values: readonly string[]): this {
    this.integer(values.length);
    for (const value of values) this.string(value);
    return this;
  }

  pairs(values: readonly (readonly [string, string])[]): this {
    this.integer(values.length);
    for (const [name, value] of values) this.string(name).string(value);
    return this;
  }

  /** Bytes without length or padding. */
  raw(value: Uint8Array): this {
    if (value.length > longBytes) {
      this.#flush();
      this.#done.push(value);
      return this;
    }
    this.#room(value.length);
    this.#piece.set(value, this.#used);
    this.#used += value.length;
    return this;
  }

  /** All that was written since the last time, as one buffer. */
  take(): Buffer {
    this.#flush();
    const [first, ...others] = this.#done;
    const all =
      first !== undefined && others.length === 0
        ? Buffer.from(first.buffer, first.byteOffset, first.length)
        : Buffer.concat(this.#done);
    this.#done = [];
    return all;
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#done.push(this.#piece.subarray(0, this.#used));
    this.#piece = this.#piece.subarray(this.#used);
    this.#used = 0;
  }

  #room(size: number): void {
    if (this.#used + size <= this.#piece.length) return;
    this.#flush();
    this.#piece = Buffer.allocUnsafe(Math.max(4096, size));
  }
}

/** The zeros behind so many bytes. */
export function paddingOf(length: number): number {
  return (8 - (length % 8)) % 8;
}
