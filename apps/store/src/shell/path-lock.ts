/**
 * Locks on store paths, in the reference's way, so that a guix-daemon on the same store respects ours and we respect its:
 * a record lock on `PATH.lock`. Whoever removes such a file leaves it with a size while he still has the lock, which tells
 * those who had opened it that theirs is on nothing. Ours conflict with each other, too, even within the process.
 */
import { ftruncateSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type ByteString, fromText } from '@cooper/byte-string';
import { finish } from '@cooper/nar-files';
import { inSlices } from '@cooper/process';
import { type StorePath, storePathBaseName } from '@cooper/store-path';
import { close, fstat, fstatat, O_CREAT, O_RDWR, openat, tryLock, unlinkat } from '@cooper/system-calls';
import type { SpareLockFiles } from './spare-lock-files.ts';
import { isErrno } from './storage-fault.ts';
import type { Location } from './store-directory.ts';

/** How long, in ms, to wait before a lock is asked for again. */
const interval = 20;

/** Locks that are held together. */
export class PathLocks implements Disposable {
  readonly #directory: number;
  readonly #spares: SpareLockFiles | undefined;
  readonly #held = new Map<ByteString, number>();

  /** `directory` is the store directory, open. */
  constructor(directory: number, spares?: SpareLockFiles) {
    this.#directory = directory;
    this.#spares = spares;
  }

  /** Takes the locks of all `paths`, or none: then a path whose lock somebody else holds is returned. */
  take(paths: readonly StorePath[]): StorePath | undefined {
    return finish(this.#taking(paths));
  }

  /** Takes the locks of all `paths`, however many, waiting for those who hold some of them. */
  async wait(paths: readonly StorePath[]): Promise<void> {
    while ((await inSlices(this.#taking(paths))) !== undefined) await delay(interval);
  }

  /** Gives the locks back and removes their files. */
  release(): void {
    finish(this.releasing());
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** The same step by step, where there are many. */
  *releasing(): Generator<void, void, void> {
    for (const [name, descriptor] of this.#held) {
      if (!this.#spares?.keep(this.#place(name), descriptor)) this.#end(name, descriptor);
      this.#held.delete(name);
      yield;
    }
  }

  *#taking(paths: readonly StorePath[]): Generator<void, StorePath | undefined, void> {
    for (const path of [...paths].sort()) {
      const name = fromText(`${storePathBaseName(path)}.lock`);
      const descriptor = this.#lock(name);
      if (descriptor === undefined) {
        this.release();
        return path;
      }
      this.#held.set(name, descriptor);
      yield;
    }
    return undefined;
  }

  #end(name: ByteString, descriptor: number): void {
    this.#remove(name);
    // A size that is not 0 is what tells others; unlike a byte written, it needs no space on a full disk.
    ftruncateSync(descriptor, 1);
    close(descriptor);
  }

  #place(name: ByteString): Location {
    return { directory: this.#directory, name };
  }

  #lock(name: ByteString): number | undefined {
    const spare = this.#spares?.take(this.#place(name));
    if (spare !== undefined) return spare;
    for (;;) {
      const descriptor = this.#open(name);
      if (!tryLock(descriptor, true)) {
        close(descriptor);
        return undefined;
      }
      if (fstat(descriptor).size === 0) return descriptor;
      // Its owner removed it between our opening and locking it.
      close(descriptor);
    }
  }

  /** A lock file that is not the store's own was put there to keep us from building: it goes. */
  #open(name: ByteString): number {
    for (;;) {
      try {
        const descriptor = openat(this.#directory, name, O_RDWR | O_CREAT, 0o600);
        const { type, user } = fstat(descriptor);
        if (type === 'regular' && user === process.geteuid?.()) return descriptor;
        close(descriptor);
      } catch (error) {
        if (!isErrno(error, 'EACCES', 'ELOOP', 'ENXIO') || !this.#exists(name)) throw error;
      }
      this.#remove(name);
    }
  }

  #exists(name: ByteString): boolean {
    try {
      fstatat(this.#directory, name);
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return false;
      throw error;
    }
  }

  #remove(name: ByteString): void {
    try {
      unlinkat(this.#directory, name);
    } catch (error) {
      // Somebody else may have tidied up; the lock is on the open file, not on its name.
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
}
