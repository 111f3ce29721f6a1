/**
 * What a sandbox has on disk: a directory that its build sees as the store, and one that it sees as /tmp. All else of its
 * root is in memory: a dozen directories and files on disk, made and removed, would cost more than the rest of a build.
 */
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import type { Job } from '@cooper/contracts';
import { Fault } from '@cooper/fault';

/** What the build sees as the store directory, below the staging directory of the job. */
export const storeDirectoryName = 'store';

/** Makes both in the staging directory of `job`; they must not be there yet. `group`: that of the build, if we are root. */
export function makeDiskDirectories(job: Job, group: number | null): { store: string; temporary: string } {
  const staging = Buffer.from(job.directory).toString();
  checkStaging(staging);
  const made = { store: `${staging}/${storeDirectoryName}`, temporary: `${staging}/tmp` };
  // The build makes its outputs there, and finds its inputs, which it cannot replace.
  makeDirectory(made.store, 0o1775, group);
  makeDirectory(made.temporary, 0o1777, group);
  return made;
}

/** Whatever is made there must be out of everybody's reach. */
function checkStaging(staging: string): void {
  const status = lstatSync(staging, { throwIfNoEntry: false });
  if (status?.isDirectory() && status.uid === process.geteuid?.() && (status.mode & 0o077) === 0) return;
  const message = `${staging} is no staging directory: one of our own that nobody else can enter`;
  throw new Fault('invalid-request', message, { directory: staging });
}

function makeDirectory(path: string, mode: number, group: number | null): void {
  mkdirSync(path);
  if (group !== null) chownSync(path, 0, group);
  chmodSync(path, mode);
}
