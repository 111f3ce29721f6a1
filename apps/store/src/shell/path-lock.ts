/**
 * Locks on store paths, in the reference's way, so that a guix-daemon on the same store respects ours and we respect its:
 * a record lock on `PATH.lock`. Whoever removes such a file writes a byte to it first, which tells others who had
 * opened it that their lock is on nothing.
 */
import { closeSync, fstatSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { StorePath } from '@cooper/store-path';
import { tryLock } from '@cooper/system-calls';

/** Locks that are held together. */
export class PathLocks {
  readonly #held = new Map<StorePath, number>();

  /** Takes the locks of all `paths`, or none: then the path whose lock another program holds is returned. */
  take(paths: readonly StorePath[]): StorePath | undefined {
    for (const path of [...paths].sort()) {
      const fd = lock(`${path}.lock`);
      if (fd === undefined) {
        this.release();
        return path;
      }
      this.#held.set(path, fd);
    }
    return undefined;
  }

  /** Gives the locks back and removes their files. */
  release(): void {
    for (const [path, fd] of this.#held) {
      unlinkSync(`${path}.lock`);
      writeSync(fd, 'd');
      closeSync(fd);
    }
    this.#held.clear();
  }
}

function lock(file: string): number | undefined {
  for (;;) {
    const fd = openSync(file, 'a+', 0o600);
    if (!tryLock(fd, true)) {
      closeSync(fd);
      return undefined;
    }
    if (fstatSync(fd).size === 0) return fd;
    // Its owner removed it between our opening and locking it.
    closeSync(fd);
  }
}
