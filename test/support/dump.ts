/** Whole archives of trees on disk, in memory. */
import { dumpTree } from '@cooper/nar-files';

export function dump(path: string): Buffer {
  // Pieces are lent until the next one: each is copied as it comes.
  return Buffer.concat(Array.from(dumpTree(path), (piece) => Buffer.from(piece)));
}
