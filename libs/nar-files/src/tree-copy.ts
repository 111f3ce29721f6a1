/**
 * Copies of trees, of fresh inodes only: nobody who holds a file of the original open can write to the copy. What an
 * archive keeps is copied (types, contents, targets, the executable bit), nothing else.
 */
import type { TreeLocation } from './location.ts';
import { RewritingSink } from './rewriting-sink.ts';
import { finish } from './steps.ts';
import { restoreTree, type TreeMetadata } from './tree-restorer.ts';
import { type WalkOptions, walkTree } from './tree-walk.ts';

const noRewrites: ReadonlyMap<string, string> = new Map();

export interface CopyOptions extends WalkOptions {
  /** `plainMetadata` unless said otherwise. */
  readonly metadata?: TreeMetadata;
  /** Hash parts to replace on the way, in contents, targets and names: each key by its value. */
  readonly rewrites?: ReadonlyMap<string, string>;
}

/** Copies step by step. Faults are those of `walkTree` and of `TreeRestorer`. */
export function* treeCopying(
  source: TreeLocation,
  destination: TreeLocation,
  options: CopyOptions = {},
): Generator<void, void, void> {
  using restorer = restoreTree(destination, options.metadata);
  const { rewrites = noRewrites } = options;
  yield* walkTree(source, rewrites.size === 0 ? restorer : new RewritingSink(restorer, rewrites), options);
}

/** All steps of `treeCopying` at once. */
export function copyTree(source: TreeLocation, destination: TreeLocation, options: CopyOptions = {}): void {
  finish(treeCopying(source, destination, options));
}
