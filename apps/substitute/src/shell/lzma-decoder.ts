/** Unpacks xz and lzip, by liblzma compiled to WebAssembly: as fast as by itself, and locked in its own memory. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import createLzma from 'node-liblzma/wasm/liblzma.js';
import type { Decoder, Step } from './decoder.ts';

type Lzma = Awaited<ReturnType<typeof createLzma>>;

/** Where things are in `lzma_stream`, in 32-bit memory. */
const field = { nextIn: 0, availableIn: 4, nextOut: 16, availableOut: 20, size: 136 } as const;

/** `xz -9` and `lzip -9` need 65 MiB and 33 MiB. */
const memoryLimit = 160n * 1024n * 1024n;
/** Several files, one behind the other, are one. */
const concatenated = 8;
const run = 0;
const finish = 3;
const outcomes = { ok: 0, end: 1, starved: 10 } as const;
const errors: Readonly<Record<number, string>> = {
  5: 'not enough memory',
  6: 'it would need too much memory',
  7: 'it is neither xz nor lzip',
  8: 'it uses options that are not known',
  9: 'it is corrupt',
};

const inputSize = 64 * 1024;
const outputSize = 256 * 1024;

/** An instance with a larger memory than this is not kept for the next file: memory never shrinks. */
const keptMemory = 24 * 1024 * 1024;
const idle: Lzma[] = [];

const wasm = readFileSync(fileURLToPath(import.meta.resolve('node-liblzma/wasm/liblzma.wasm')));

/** Makes a decoder. */
export async function makeLzmaDecoder(): Promise<Decoder> {
  const lzma = idle.pop() ?? (await createLzma({ wasmBinary: wasm }));
  return new LzmaDecoder(lzma);
}

class LzmaDecoder implements Decoder {
  readonly #lzma: Lzma;
  readonly #stream: number;
  readonly #input: number;
  readonly #output: number;
  #pending: Uint8Array = new Uint8Array(0);
  #last = false;

  constructor(lzma: Lzma) {
    this.#lzma = lzma;
    this.#stream = lzma._malloc(field.size);
    this.#input = lzma._malloc(inputSize);
    this.#output = lzma._malloc(outputSize);
    lzma.HEAPU8.fill(0, this.#stream, this.#stream + field.size);
    const made = lzma._lzma_auto_decoder(this.#stream, memoryLimit, concatenated);
    if (made !== outcomes.ok) throw new Error(`liblzma cannot begin: ${made}`);
  }

  step(input: Uint8Array | null): Step {
    if (input === null) this.#last = true;
    else if (input.length > 0) this.#pending = input;
    this.#feed();
    this.#set(field.nextOut, this.#output);
    this.#set(field.availableOut, outputSize);
    const noMore = this.#last && this.#pending.length === 0;
    const outcome = this.#lzma._lzma_code(this.#stream, noMore ? finish : run);
    const length = outputSize - this.#get(field.availableOut);
    const ended = outcome === outcomes.end;
    if (outcome === outcomes.starved && noMore && length === 0) throw new Error('it ends early');
    if (![outcomes.ok, outcomes.end, outcomes.starved].includes(outcome as 0))
      throw new Error(errors[outcome] ?? `liblzma says ${outcome}`);
    const drained = this.#pending.length === 0 && this.#get(field.availableIn) === 0 && length < outputSize;
    return {
      output: this.#lzma.HEAPU8.slice(this.#output, this.#output + length),
      hungry: drained && !this.#last,
      ended,
    };
  }

  close(): void {
    const lzma = this.#lzma;
    lzma._lzma_end(this.#stream);
    for (const place of [this.#stream, this.#input, this.#output]) lzma._free(place);
    if (lzma.HEAPU8.length <= keptMemory) idle.push(lzma);
  }

  #feed(): void {
    if (this.#get(field.availableIn) > 0 || this.#pending.length === 0) return;
    const piece = this.#pending.subarray(0, inputSize);
    this.#pending = this.#pending.subarray(piece.length);
    this.#lzma.HEAPU8.set(piece, this.#input);
    this.#set(field.nextIn, this.#input);
    this.#set(field.availableIn, piece.length);
  }

  #get(offset: number): number {
    return this.#view().getUint32(this.#stream + offset, true);
  }

  #set(offset: number, value: number): void {
    this.#view().setUint32(this.#stream + offset, value, true);
  }

  /** Anew each time: the memory moves when it grows. */
  #view(): DataView {
    return new DataView(this.#lzma.HEAPU8.buffer);
  }
}
