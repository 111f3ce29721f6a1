/** Whether a file system is (nearly) full: a build that failed then may have failed for that. */
import { statfsSync } from 'node:fs';

/** Less than this, in bytes, is nearly full: the reference's limit. */
const required = 8 * 1024 * 1024;

/** The first of these directories on a file system that is nearly full. */
export function fullFileSystem(directories: readonly string[]): string | undefined {
  return directories.find((directory) => {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize < required;
  });
}
