/** A file whose lock says that something is being done, by one process at a time. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { O_CREAT, O_NOFOLLOW, O_RDWR, tryLock } from '@cooper/system-calls';

export interface FileLock {
  /** Gives the lock up. The end of the process does, too. The file stays: removing it would let two take the lock. */
  release(): void;
}

/** Takes the lock of the file at `path` (made if need be, for its owner alone), or gives null when somebody has it. */
export function lockFile(path: string): FileLock | null {
  const descriptor = openSync(path, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600);
  if (!tryLock(descriptor, true)) {
    closeSync(descriptor);
    return null;
  }
  // For people who look for the holder.
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`);
  return { release: () => closeSync(descriptor) };
}
