/**
 * What failed system calls and database calls mean to clients: a full disk, a store that cannot be written, or a fault of
 * the storage that is neither. Other errors are bugs and stay as they are.
 */
import { Fault, isFault } from '@cooper/fault';

/** Where the store writes: named in faults, so that people know which file system to look at. */
export interface Storage {
  readonly storeDir: string;
  readonly databaseDir: string;
}

const meanings: readonly (readonly [RegExp, 'disk-full' | 'read-only-store'])[] = [
  [/^(ENOSPC|EDQUOT|SQLITE_FULL)/, 'disk-full'],
  [/^(EROFS|EACCES|EPERM|SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM)/, 'read-only-store'],
];

/** The fault that `error` is to clients: `disk-full`, `read-only-store` or `storage-failed`; else `error` itself. */
export function storageFault(error: unknown, storage: Storage): unknown {
  // Tidying up after the first error failed as well: the first one says why.
  if (error instanceof SuppressedError) return storageFault(error.suppressed, storage);
  const { storeDir, databaseDir } = storage;
  const code = errorCode(error);
  if (code === undefined) return error;
  const where = code.startsWith('SQLITE') ? databaseDir : storeDir;
  const { message } = error as Error;
  const meaning = meanings.find(([pattern]) => pattern.test(code))?.[1];
  const facts = { fileSystem: where, errorCode: code };
  switch (meaning) {
    case 'disk-full':
      return new Fault('disk-full', `the file system of ${where} is full: ${message}`, facts, { cause: error });
    case 'read-only-store':
      return new Fault('read-only-store', `cannot write to ${where}: ${message}`, facts, { cause: error });
    default:
      return new Fault('storage-failed', `the storage at ${where} failed: ${message}`, facts, { cause: error });
  }
}

/** The code of a failed system call (also where a fault of a tree reports one) or of SQLite; nothing for other errors. */
function errorCode(error: unknown): string | undefined {
  if (isFault(error)) return error.code === 'file-system-error' ? String(error.facts['errorCode']) : undefined;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code.startsWith('SQLITE_') || 'syscall' in error ? error.code : undefined;
}

/** True when `error` is a failed system call with one of these codes. */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'syscall' in error && codes.includes(String((error as { code?: string }).code));
}

/** True when `error` says that the storage cannot read what is there, rather than what is there. */
export function isUnreadable(error: unknown): boolean {
  const code = errorCode(error);
  return code !== undefined && !['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code);
}
