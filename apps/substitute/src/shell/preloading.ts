/**
 * Programs are loaded piece by piece, some when they are first needed. Where the user that the process becomes could not read
 * the pieces any more, all of them are loaded before; elsewhere that would be memory and time for nothing.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Decoders } from './decoders.ts';

/** What undici loads at the first request. */
const late = ['undici/lib/llhttp/llhttp-wasm.js', 'undici/lib/llhttp/llhttp_simd-wasm.js'];

/** Loads what could not be loaded after privileges are dropped. To be called before. */
export async function preload(decoders: Decoders): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const files = [import.meta.filename, ...late.map((name) => fileURLToPath(import.meta.resolve(name)))];
  if (files.every(isReadableByAll)) return;
  await decoders.prepare();
  for (const name of late) await import(name);
}

/** Whether everyone may read `file`, and pass all directories on the way there. */
function isReadableByAll(file: string): boolean {
  if ((statSync(file).mode & 0o004) === 0) return false;
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    if ((statSync(directory).mode & 0o001) === 0) return false;
    if (directory === '/') return true;
  }
}
