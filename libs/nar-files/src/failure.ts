/** Faults of operations on trees. */
import { Fault, isFault } from '@cooper/fault';
import { maxDepth } from '@cooper/nar';
import type { FileType } from '@cooper/system-calls';

/** An error of a system call, as the addon and Node throw them. */
interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** True when `error` is a failed system call with one of these codes. */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return isSystemError(error) && codes.includes(error.code);
}

/**
 * What to throw for an error met while `doing` something with the file at `path`: a failed system call becomes the
 * fault `file-system-error`, whose facts name it (`errorCode`, such as ENOSPC); faults and bugs stay as they are.
 */
export function explain(error: unknown, doing: string, path: string): unknown {
  if (isFault(error) || !isSystemError(error)) return error;
  const facts = { path, errorCode: error.code, systemCall: error.syscall };
  return new Fault('file-system-error', `${doing} ${path}: ${error.message}`, facts, { cause: error });
}

/** The fault for a file that no archive can hold. */
export function unsupportedType(path: string, type: FileType): Fault {
  return new Fault('unsupported-file-type', `${path} is a ${type}; a tree holds files, directories and symlinks`, {
    path,
    type,
  });
}

/** The fault for a directory that is deeper in its tree than archives allow. */
export function tooDeep(path: string): Fault {
  return new Fault('tree-too-deep', `more than ${maxDepth} directories are inside each other: ${path}`, { path });
}

/** The fault for a file of another owner than the one who should have made it. */
export function suspiciousOwnership(path: string, owner: number, expected: number): Fault {
  const message = `${path} belongs to user ${owner}, not to user ${expected} who should have made it`;
  return new Fault('suspicious-ownership', message, { path, owner, expected });
}
