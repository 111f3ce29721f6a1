/** The hash of the contents of one regular file, in steps. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { createHasher, type Hash, type HashAlgorithm } from '@cooper/hash';

const pieceSize = 256 * 1024;

/** Hashes the file at `path`, which is not followed if it is a symlink. Each step reads a piece. */
export function* fileHashing(path: string, algorithm: HashAlgorithm): Generator<void, Hash, void> {
  const hasher = createHasher(algorithm);
  const room = Buffer.allocUnsafe(pieceSize);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    for (let size = readSync(fd, room); size > 0; size = readSync(fd, room)) {
      hasher.update(room.subarray(0, size));
      yield;
    }
  } finally {
    closeSync(fd);
  }
  return hasher.digest();
}
