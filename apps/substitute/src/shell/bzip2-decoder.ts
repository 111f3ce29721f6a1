/** Unpacks bzip2, block by block: one block at a time becomes at most 46 MB. */
import bitIterator from 'unbzip2-stream/lib/bit_iterator.js';
import bzip2 from 'unbzip2-stream/lib/bzip2.js';
import type { Decoder, Step } from './decoder.ts';

/** The head of a file, in bytes. */
const headSize = 4;

/** More than a block of `level` can take in its packed form: it can be decoded without asking for more. */
const enough = (level: number) => 100_000 * level + 25_000;

/** The largest block of level 9 whose runs are as long as can be. */
const largestBlock = 46_000_000;

const nothing = new Uint8Array(0);

export class Bzip2Decoder implements Decoder {
  readonly #queue: Uint8Array[] = [];
  #received = 0;
  #bits: ReturnType<typeof bitIterator> | undefined;
  /** 0 between files: several, one behind the other, are one. */
  #level = 0;
  #crc: number | null = 0;
  #last = false;

  step(input: Uint8Array | null): Step {
    if (input === null) this.#last = true;
    else if (input.length > 0) this.#take(input);
    if (!this.#hasEnough()) return { output: nothing, hungry: !this.#last, ended: this.#last && this.#isOver() };
    if (this.#level === 0) this.#begin();
    return {
      output: this.#hasEnough() ? this.#decode() : nothing,
      hungry: !this.#last && !this.#hasEnough(),
      ended: false,
    };
  }

  close(): void {
    this.#queue.length = 0;
  }

  #take(input: Uint8Array): void {
    this.#queue.push(input);
    this.#received += input.length;
    this.#bits ??= bitIterator(() => {
      const next = this.#queue.shift();
      if (next === undefined) throw new Error('it ends early');
      return next;
    });
  }

  #left(): number {
    return this.#received - (this.#bits?.bytesRead ?? 0);
  }

  #hasEnough(): boolean {
    if (this.#last) return this.#left() > 0;
    return this.#left() >= (this.#level === 0 ? headSize : enough(this.#level));
  }

  #isOver(): boolean {
    if (this.#level !== 0 || this.#received === 0) throw new Error('it ends early');
    return true;
  }

  #begin(): void {
    if (this.#bits === undefined) throw new Error('there is nothing to begin with');
    this.#level = bzip2.header(this.#bits);
    this.#crc = 0;
  }

  #decode(): Uint8Array {
    if (this.#bits === undefined) throw new Error('there is nothing to decode');
    const size = 100_000 * this.#level;
    let output: Uint8Array = new Uint8Array(size);
    let length = 0;
    const take = (byte: number) => {
      if (length === output.length) output = enlarged(output);
      output[length++] = byte;
    };
    this.#crc = bzip2.decompress(this.#bits, take, new Int32Array(size), size, this.#crc);
    if (this.#crc === null) this.#level = 0;
    return output.subarray(0, length);
  }
}

function enlarged(bytes: Uint8Array): Uint8Array {
  if (bytes.length > largestBlock) throw new Error('it is corrupt');
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
