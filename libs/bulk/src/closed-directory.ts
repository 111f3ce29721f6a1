/** Which directory on the way to a file keeps this process out. */
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';

/** The first directory on the way to `path` that this process may not enter; nothing when there is none. */
export function closedDirectory(path: string): string | undefined {
  const directory = dirname(path);
  const above = directory === path ? undefined : closedDirectory(directory);
  return above ?? (isClosed(directory) ? directory : undefined);
}

function isClosed(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
