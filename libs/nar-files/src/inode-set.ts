/** Sets of inodes, for files that have several names. */
import type { FileStatus } from '@cooper/system-calls';

export class InodeSet {
  readonly #inodes = new Set<bigint>();

  add(status: FileStatus): void {
    this.#inodes.add(key(status));
  }

  has(status: FileStatus): boolean {
    return this.#inodes.has(key(status));
  }
}

function key({ device, inode }: FileStatus): bigint {
  return (BigInt(device) << 64n) | inode;
}
