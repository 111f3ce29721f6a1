/**
 * Files of locks that were given back, kept to be locks again: a lock is taken for each item, and on ext4 every file that was
 * just deleted makes the next ones more costly to make, for some seconds.
 *
 * They lie in staging. A lock file is empty only as long as it has its owner's lock, so nobody takes a spare one for a
 * lock: whoever still waits for one that was given back finds that it has a size, and looks for its name again.
 */
import { ftruncateSync } from 'node:fs';
import { close, O_RDWR, openat, RENAME_NOREPLACE, renameat, tryLock } from '@cooper/system-calls';
import type { Staging } from './staging.ts';
import { isErrno } from './storage-fault.ts';
import type { Location } from './store-directory.ts';

/** As many are kept: those of many texts that were added together are not all needed again. */
const most = 64;

/** On a full disk, and where names cannot be moved without replacing others. */
const unmovable = ['ENOSPC', 'EDQUOT', 'EINVAL'] as const;

export class SpareLockFiles {
  readonly #staging: Staging;
  readonly #spare: Location[] = [];

  constructor(staging: Staging) {
    this.#staging = staging;
  }

  /** An open, locked, empty lock file at `lock`, where there was none; nothing when there is one, or none to spare. */
  take(lock: Location): number | undefined {
    const spare = this.#spare.pop();
    if (spare === undefined) return undefined;
    const descriptor = openat(spare.directory, spare.name, O_RDWR);
    // Somebody who waited for the lock that it was may have it for a moment.
    if (!tryLock(descriptor, true)) this.#staging.discard(spare);
    else if (becomes(spare, lock, descriptor)) return descriptor;
    else this.#spare.push(spare);
    close(descriptor);
    return undefined;
  }

  /** Takes over the file at `lock`, which is locked by its `descriptor`; false when it is not to be kept. */
  keep(lock: Location, descriptor: number): boolean {
    if (this.#spare.length >= most) return false;
    const spare = this.#staging.place('-lock');
    try {
      renameat(lock, spare, RENAME_NOREPLACE);
    } catch (error) {
      if (isErrno(error, ...unmovable, 'ENOENT')) return false;
      throw error;
    }
    ftruncateSync(descriptor, 1);
    close(descriptor);
    this.#spare.push(spare);
    return true;
  }
}

/** Makes an empty lock of a spare one; false when there is a lock already, which somebody else has or has left. */
function becomes(spare: Location, lock: Location, descriptor: number): boolean {
  ftruncateSync(descriptor, 0);
  try {
    renameat(spare, lock, RENAME_NOREPLACE);
    return true;
  } catch (error) {
    ftruncateSync(descriptor, 1);
    if (isErrno(error, ...unmovable, 'EEXIST')) return false;
    throw error;
  }
}
