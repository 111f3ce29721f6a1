/**
 * `STORE/.links`, as the reference has it: for each file that may be shared, a link named by the base-32 SHA-256 of its
 * archive, which tells executable files from others.
 */
import { mkdirSync } from 'node:fs';
import { type ByteString, fromText } from '@cooper/byte-string';
import { formatHash } from '@cooper/hash';
import { FileHasher, InodeSet } from '@cooper/nar-files';
import {
  type FileStatus,
  fstatat,
  linkat,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
  type Place,
  readEntries,
  renameat,
  rewindDirectory,
  unlinkat,
} from '@cooper/system-calls';
import type { DeduplicationAnswer, DeduplicationPlace } from './deduplicator.ts';
import { isErrno } from './storage-fault.ts';
import { statusOf } from './store-directory.ts';

/** Smaller files, in bytes, are not worth a link: the reference's limit. */
export const smallest = 8192;

export class LinkedFiles {
  readonly #directory: number;
  readonly #staging: number;
  readonly #known = new InodeSet();
  readonly #hasher = new FileHasher();
  #last = 0;

  constructor({ storeDir, staging }: DeduplicationPlace) {
    mkdirSync(`${storeDir}/.links`, { recursive: true, mode: 0o755 });
    this.#directory = openPath(`${storeDir}/.links`, O_RDONLY | O_DIRECTORY);
    this.#staging = staging;
    this.#each((_, status) => this.#known.add(status));
  }

  /** True when the file is certainly one of those shared. */
  isShared(status: FileStatus): boolean {
    return status.links > 1 && this.#known.has(status);
  }

  /**
   * A further name, in staging, of the shared file that is the same as the one at `place`. Nothing where that is the one to
   * be shared from now on, or where no name can be had.
   */
  share(place: Place, status: FileStatus): Place | undefined {
    const name = fromText(formatHash(this.#hasher.hash(place.directory, place.name as ByteString), 'base32'));
    const shared = { directory: this.#directory, name };
    for (;;) {
      const existing = statusOf(shared);
      if (existing === undefined) {
        if (this.#begin(place, shared, status)) return undefined;
        continue;
      }
      if (existing.inode === status.inode) {
        this.#known.add(status);
        return undefined;
      }
      if (isGood(existing, status)) return this.#link(shared, place);
      unlinkat(this.#directory, name);
    }
  }

  /** Makes the file at `place` the one that is shared. False when somebody else was faster. */
  #begin(place: Place, shared: Place, status: FileStatus): boolean {
    try {
      linkat(place, shared);
      this.#known.add(status);
      return true;
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false;
      // No room in the directory, or no more names for this file: it is not shared.
      if (isErrno(error, 'ENOSPC', 'EDQUOT', 'EMLINK')) return true;
      throw error;
    }
  }

  #link(shared: Place, place: Place): Place | undefined {
    const fresh = { directory: this.#staging, name: `linked-${process.pid}-${++this.#last}` };
    try {
      linkat(shared, fresh);
      return fresh;
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOSPC', 'EDQUOT')) return undefined;
      if (!isErrno(error, 'EMLINK')) throw error;
    }
    // It has as many names as a file may have. The next ones share this one.
    linkat(place, fresh);
    renameat(fresh, shared);
    this.#known.add(fstatat(shared.directory, shared.name));
    return undefined;
  }

  /** Removes links that no item shares; gives how many, and the bytes freed. */
  removeUnused(): DeduplicationAnswer {
    let files = 0;
    let bytes = 0;
    this.#each((name, status) => {
      if (status.links > 1 && status.size >= smallest) return;
      unlinkat(this.#directory, name);
      if (status.links > 1) return;
      files++;
      bytes += status.allocated;
    });
    return { files, bytes };
  }

  #each(visit: (name: ByteString, status: FileStatus) => void): void {
    rewindDirectory(this.#directory);
    for (let entries = readEntries(this.#directory); entries.length > 0; entries = readEntries(this.#directory)) {
      for (const { name } of entries) {
        const status = statusOf({ directory: this.#directory, name });
        if (status !== undefined && status.type === 'regular') visit(name, status);
      }
    }
  }
}

/** Whether a shared file can be what its name says: nobody may write it, it has the time of store items and that size. */
function isGood(shared: FileStatus, { size, mode }: FileStatus): boolean {
  return shared.size === size && shared.mode === mode && shared.seconds === 1;
}
