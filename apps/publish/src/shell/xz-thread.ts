/**
 * The thread that compresses by xz, with liblzma compiled to WebAssembly. A message is a piece of the archive, or null at its
 * end; answers are pieces of the result, the last one for each message marked as such.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import createLzma from 'node-liblzma/wasm/liblzma.js';

/** A piece of the result; `done`: what was sent is used up. */
export interface XzAnswer {
  readonly output: Uint8Array;
  readonly done: boolean;
}

/** Where things are in `lzma_stream`, in 32-bit memory. */
const field = { nextIn: 0, availableIn: 4, nextOut: 16, availableOut: 20, size: 136 } as const;
const [run, finish] = [0, 3];
const [ok, ended] = [0, 1];
const crc64 = 4;
const room = 256 * 1024;

const wasmBinary = readFileSync(fileURLToPath(import.meta.resolve('node-liblzma/wasm/liblzma.wasm')));
const lzma = await createLzma({ wasmBinary });
const stream = lzma._malloc(field.size);
const [input, output] = [lzma._malloc(room), lzma._malloc(room)];
lzma.HEAPU8.fill(0, stream, stream + field.size);
check(lzma._lzma_easy_encoder(stream, (workerData as { level: number }).level, crc64));

parentPort?.on('message', (piece: Uint8Array | null) => {
  if (piece === null) code(finish);
  else for (let at = 0; at < piece.length; at += room) feed(piece.subarray(at, at + room));
  answer({ output: new Uint8Array(0), done: true });
});

function feed(piece: Uint8Array): void {
  lzma.HEAPU8.set(piece, input);
  set(field.nextIn, input);
  set(field.availableIn, piece.length);
  code(run);
}

/** Goes on until the input is used up, or the end is written. */
function code(action: number): void {
  for (let outcome = ok, full = true; outcome !== ended && (full || action === finish); ) {
    set(field.nextOut, output);
    set(field.availableOut, room);
    outcome = check(lzma._lzma_code(stream, action));
    const length = room - get(field.availableOut);
    full = length === room || get(field.availableIn) > 0;
    if (length > 0) answer({ output: lzma.HEAPU8.slice(output, output + length), done: false });
  }
}

function check(outcome: number): number {
  if (outcome === ok || outcome === ended) return outcome;
  throw new Error(`liblzma says ${outcome}`);
}

function answer(piece: XzAnswer): void {
  parentPort?.postMessage(piece);
}

function get(offset: number): number {
  return new DataView(lzma.HEAPU8.buffer).getUint32(stream + offset, true);
}

function set(offset: number, value: number): void {
  new DataView(lzma.HEAPU8.buffer).setUint32(stream + offset, value, true);
}
