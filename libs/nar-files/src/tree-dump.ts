/** Trees as archives, and the hash and references of their archives. */
import { createHasher, type Hash, type HashAlgorithm } from '@cooper/hash';
import { NarWriter } from '@cooper/nar';
import { ReferenceScanner } from '@cooper/references';
import type { TreeLocation } from './location.ts';
import { finish } from './steps.ts';
import { type WalkOptions, walkTree } from './tree-walk.ts';

/** The archive of the tree at `location`, in pieces of up to 256 KiB. A piece is valid until the next is asked for. */
export function* dumpTree(location: TreeLocation, options: WalkOptions = {}): Generator<Uint8Array, void, void> {
  const pieces: Uint8Array[] = [];
  const writer = new NarWriter((piece) => pieces.push(piece));
  for (const _ of walkTree(location, writer, options)) {
    if (pieces.length === 0) continue;
    yield* pieces;
    pieces.length = 0;
  }
  writer.flush();
  yield* pieces;
}

/** Hash and size, in bytes, of a tree's archive. */
export interface TreeHash {
  readonly hash: Hash;
  readonly size: number;
}

/** The same, with those of the candidates that occur in the archive, in the order in which they were given. */
export interface TreeScan extends TreeHash {
  readonly references: readonly string[];
}

export interface ScanOptions extends WalkOptions {
  /** SHA-256 unless said otherwise. */
  readonly algorithm?: HashAlgorithm;
}

/** Hashes a tree's archive and looks for hash parts in it, in one pass. Each step gives the bytes done so far. */
export function* treeScanning(
  location: TreeLocation,
  candidates: Iterable<string>,
  options: ScanOptions = {},
): Generator<number, TreeScan, void> {
  const hasher = createHasher(options.algorithm ?? 'sha256');
  const scanner = new ReferenceScanner(candidates);
  let size = 0;
  for (const piece of dumpTree(location, options)) {
    hasher.update(piece);
    scanner.push(piece);
    size += piece.length;
    yield size;
  }
  return { hash: hasher.digest(), size, references: scanner.found() };
}

/** All steps of `treeScanning` at once. */
export function hashAndScanTree(
  location: TreeLocation,
  candidates: Iterable<string>,
  options: ScanOptions = {},
): TreeScan {
  return finish(treeScanning(location, candidates, options));
}

/** The hash and size of a tree's archive. */
export function hashTree(location: TreeLocation, options: ScanOptions = {}): TreeHash {
  const { hash, size } = hashAndScanTree(location, [], options);
  return { hash, size };
}
