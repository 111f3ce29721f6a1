/** The root of a sandbox, as far as it is made of real directories: the launcher mounts the rest. */
import { chmodSync, chownSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Job } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { etcFiles } from '../core/etc-files.ts';

/** The name of the root, below the staging directory of the job. */
export const rootName = 'root';

export interface RootOwner {
  /** The ids that the build has. */
  readonly uid: number;
  readonly gid: number;
  /** True when we are root, and the directories are root's with the group of the build. */
  readonly privileged: boolean;
  /** True when a network of the build's own is attached to the outside. */
  readonly attached: boolean;
}

/** Makes the root in the staging directory of `job` and gives its path. It must not be there yet. */
export function makeSandboxRoot(job: Job, storeDir: string, owner: RootOwner): string {
  const staging = Buffer.from(job.directory).toString();
  checkStaging(staging);
  const root = `${staging}/${rootName}`;
  mkdirSync(root);
  mkdirSync(`${root}/tmp`);
  chmodSync(`${root}/tmp`, 0o1777);
  mkdirSync(`${root}/etc`);
  // Without root's rights these too are the build's own.
  const mode = owner.privileged ? 0o644 : 0o444;
  for (const [name, contents] of etcFiles(owner, owner.attached ? 'attached' : job.network))
    writeFileSync(`${root}/etc/${name}`, contents, { mode });
  mkdirSync(`${root}${storeDir}`, { recursive: true });
  // The build makes its outputs there, and finds its inputs, which it cannot replace.
  share(`${root}${storeDir}`, 0o1775, owner);
  // Without root's rights the directory is the build's own: that it is read-only is then all that can be done.
  share(root, owner.privileged ? 0o750 : 0o555, owner);
  return root;
}

/** Whatever is made there must be out of everybody's reach. */
function checkStaging(staging: string): void {
  const status = lstatSync(staging, { throwIfNoEntry: false });
  if (status?.isDirectory() && status.uid === process.geteuid?.() && (status.mode & 0o077) === 0) return;
  const message = `${staging} is no staging directory: one of our own that nobody else can enter`;
  throw new Fault('invalid-request', message, { directory: staging });
}

function share(path: string, mode: number, { gid, privileged }: RootOwner): void {
  if (privileged) chownSync(path, 0, gid);
  chmodSync(path, mode);
}
