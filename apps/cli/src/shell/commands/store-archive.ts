/** `cooper store dump`, `restore` and `hash`: archives of trees on this machine. They need no store. */
import { open } from 'node:fs/promises';
import { Fault } from '@cooper/fault';
import { createHasher, formatHash, formatPrefixedHash, type Hash, type HashAlgorithm } from '@cooper/hash';
import { NarReader } from '@cooper/nar';
import { dumpTree, restoreTree } from '@cooper/nar-files';
import { messages } from '../../core/messages.ts';
import { printBytes, printLines } from '../output.ts';

/** Writes the tree at `path` to standard output, as a NAR. */
export async function dump(path: string): Promise<number> {
  refuseTerminal();
  await printBytes(dumpTree(path));
  return 0;
}

/** Makes the tree that the NAR on standard input says. */
export async function restore(path: string): Promise<number> {
  const reader = new NarReader(restoreTree(path));
  for await (const chunk of process.stdin) reader.write(chunk as Buffer);
  reader.end();
  return 0;
}

export interface HashOptions {
  readonly flat?: boolean;
  readonly algorithm: HashAlgorithm;
  readonly format: 'base16' | 'base32' | 'base64' | 'sri';
}

/** Prints the hash of each tree, as a NAR, or of the contents of each file. */
export async function hash(paths: readonly string[], { flat, algorithm, format }: HashOptions): Promise<number> {
  for (const path of paths) {
    const found = await (flat ? hashChunks(algorithm, readFile(path)) : hashChunks(algorithm, dumpTree(path)));
    await printLines([format === 'sri' ? formatHash(found, format) : formatPrefixedHash(found, format)]);
  }
  return 0;
}

async function hashChunks(
  algorithm: HashAlgorithm,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Hash> {
  const hasher = createHasher(algorithm);
  for await (const chunk of chunks) hasher.update(chunk);
  return hasher.digest();
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  for await (const chunk of file.createReadStream({ autoClose: false })) yield chunk as Buffer;
}

/** An archive is of no use on a terminal, and may do harm there. */
export function refuseTerminal(): void {
  if (process.stdout.isTTY) throw new Fault('output-is-terminal', messages.outputIsTerminal);
}
