/** Writing to standard error at once: what a process says last, it says before it ends. */
import { writeSync } from 'node:fs';

/** Errors of a reader that is gone, or too slow for a pipe that does not wait. */
const lostReader: ReadonlySet<string | undefined> = new Set(['EAGAIN', 'EPIPE', 'EIO']);

/** Writes all of `text`. What its reader does not take is lost: it must not end the process that reports to it. */
export function writeToStderr(text: string): void {
  const bytes = Buffer.from(text);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(2, bytes, written);
  } catch (error) {
    if (!lostReader.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}
