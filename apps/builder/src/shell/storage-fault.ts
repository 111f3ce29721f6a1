/** What a failed system call means for whoever offered a job. */
import { Fault } from '@cooper/fault';

const full: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** `error` as a fault, `disk-full` or `file-system-error`, if it is that of a system call; else as it is. */
export function storageFault(error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof Fault || code === undefined || syscall === undefined) return error;
  const facts = { errorCode: code, systemCall: syscall };
  return new Fault(full.has(code) ? 'disk-full' : 'file-system-error', message, facts, { cause: error });
}
