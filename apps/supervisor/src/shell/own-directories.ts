/**
 * Directories of the state, and of the logs, for processes that are not root's, where root starts them. What is in them is left as it is.
 */
import { lchownSync, mkdirSync } from 'node:fs';
import { cooperUser, type Settings } from '@cooper/config';
import { Fault } from '@cooper/fault';

/** Makes them, and gives them to the user that the processes become. Throws the fault `cannot-start`. */
export function makeOwnDirectories({ directories, processes }: Settings): void {
  const { state, log } = directories;
  for (const { directory, logDirectory, rights } of processes) {
    const theirs = rights === 'dropped' || rights === 'none';
    if (directory !== undefined) make(`${state}/${directory}`, theirs);
    if (logDirectory !== undefined) make(`${log}/${logDirectory}`, theirs);
  }
}

function make(directory: string, theirs: boolean): void {
  const { uid, gid } = cooperUser();
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    if (theirs && process.getuid?.() === 0) lchownSync(directory, uid, gid);
  } catch (error) {
    throw new Fault(
      'cannot-start',
      `cannot use ${directory}: ${(error as Error).message}`,
      { directory },
      { cause: error },
    );
  }
}
