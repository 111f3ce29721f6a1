export { FileHasher } from './file-hasher.ts';
export { InodeSet } from './inode-set.ts';
export type { TreeLocation } from './location.ts';
export { RewritingSink } from './rewriting-sink.ts';
export { finish } from './steps.ts';
export { type CanonicalisationOptions, canonicaliseTree, treeCanonicalisation } from './tree-canonicalisation.ts';
export { treeComparing } from './tree-comparison.ts';
export { type CopyOptions, copyTree, treeCopying } from './tree-copy.ts';
export {
  dumpTree,
  hashAndScanTree,
  hashTree,
  type ScanOptions,
  type TreeHash,
  type TreeScan,
  treeScanning,
} from './tree-dump.ts';
export { type HandOver, treeHandOver } from './tree-hand-over.ts';
export { removeTree, treeRemoval } from './tree-removal.ts';
export {
  canonicalMetadata,
  plainMetadata,
  restoreTree,
  type TreeMetadata,
  type TreeRestorer,
} from './tree-restorer.ts';
export { type WalkOptions, walkTree } from './tree-walk.ts';
