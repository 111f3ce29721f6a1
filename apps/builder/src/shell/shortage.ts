/** Whether the machine has run out of something: a build that failed then may have failed for that. */
import { readFileSync, statfsSync } from 'node:fs';

/** Less than this, in bytes, is nearly full: the reference's limit. */
const required = 8 * 1024 * 1024;

/** The first of these directories on a file system that is nearly full. */
export function fullFileSystem(directories: readonly string[]): string | undefined {
  return directories.find((directory) => {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize < required;
  });
}

/** How many processes the kernel has killed for lack of memory since boot; 0 where it does not tell. */
export function countMemoryKills(): number {
  return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1] ?? 0);
}
