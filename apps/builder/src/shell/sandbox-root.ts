/** The root of a sandbox, as far as it is made of real directories: the launcher mounts the rest. */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { etcFiles } from '../core/etc-files.ts';

export interface RootOwner {
  /** The ids that the build has. */
  readonly uid: number;
  readonly gid: number;
  /** True when we are root, and the directories are root's with the group of the build. */
  readonly privileged: boolean;
}

/** Makes `root`, which must not be there yet. */
export function makeSandboxRoot(root: string, storeDir: string, owner: RootOwner, network: 'private' | 'host'): void {
  makeDirectory(root, 0o750, owner);
  mkdirSync(`${root}/tmp`);
  chmodSync(`${root}/tmp`, 0o1777);
  mkdirSync(`${root}/etc`);
  for (const [name, contents] of etcFiles(owner, network))
    writeFileSync(`${root}/etc/${name}`, contents, { mode: 0o644 });
  mkdirSync(`${root}${storeDir.slice(0, storeDir.lastIndexOf('/'))}`, { recursive: true });
  // The build makes its outputs there, and finds its inputs, which it cannot replace.
  makeDirectory(`${root}${storeDir}`, 0o1775, owner);
}

function makeDirectory(path: string, mode: number, { gid, privileged }: RootOwner): void {
  mkdirSync(path, { recursive: true });
  if (privileged) chownSync(path, 0, gid);
  chmodSync(path, mode);
}
