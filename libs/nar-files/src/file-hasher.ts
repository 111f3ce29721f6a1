/** The hashes of many single files, each as an archive of its own, in memory that is used again. */
import type { ByteString } from '@cooper/byte-string';
import { createHasher, type Hash } from '@cooper/hash';
import { NarWriter } from '@cooper/nar';
import { close, readFileAt } from '@cooper/system-calls';
import { hashTree } from './tree-dump.ts';
import { isExecutable } from './tree-walk.ts';

/** Files smaller than this, in bytes, are read in one go. */
const roomSize = 256 * 1024;

export class FileHasher {
  readonly #room = Buffer.allocUnsafeSlow(roomSize);

  /** The SHA-256 of the archive of `name` in `directory`. Throws failed system calls, and what `hashTree` throws. */
  hash(directory: number, name: ByteString): Hash {
    const file = readFileAt(directory, name, this.#room);
    if (file.kind === 'open') close(file.descriptor);
    // It is large, or no file, or it changes just now.
    if (file.kind === 'open' || file.length !== file.size) return hashTree({ directory, name }).hash;
    const hasher = createHasher('sha256');
    const writer = new NarWriter((piece) => hasher.update(piece));
    writer.file(isExecutable(file.mode), file.size);
    writer.contents(this.#room.subarray(0, file.size));
    writer.endFile();
    writer.flush();
    return hasher.digest();
  }
}
