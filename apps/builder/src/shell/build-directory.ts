/** The directory in which a build works: made for it alone, removed with whatever is in it. */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import type { Job } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { treeRemoval } from '@cooper/nar-files';
import { inSlices } from '@cooper/process';
import { handOver } from './hand-over.ts';

export interface BuildDirectory {
  /** Where the build works, on the host. */
  readonly path: string;
  /** The same as a sandboxed build sees it: always the same, whoever else builds the same. */
  readonly pathInside: string;
  /** Removes it and all that is in it. */
  remove(): Promise<void>;
  /** Lets it stand for people to look at, and gives it to the client. Gives its path. */
  keep(client: Job['client'], builder: number | undefined): string;
}

/**
 * Makes the directory for `name` below `temporary`, owned by the build user. In a sandbox it is the inner one of two: the
 * outer one is ours, so that nothing the build does to the modes of its own lets anybody in.
 */
export function makeBuildDirectory(
  temporary: string,
  name: string,
  options: { sandbox: boolean; uid?: number; gid?: number },
): BuildDirectory {
  const outer = makeOuter(temporary, `guix-build-${name}`);
  const path = options.sandbox ? `${outer}/top` : outer;
  if (options.sandbox) mkdirSync(path, { mode: 0o700 });
  if (options.uid !== undefined && options.gid !== undefined) giveTo(path, options.uid, options.gid);
  return {
    path,
    pathInside: options.sandbox ? `/tmp/guix-build-${name}-0` : path,
    remove: async () => {
      await inSlices(treeRemoval(outer));
    },
    keep: (client, builder) => {
      chmodSync(path, 0o755);
      if (client !== undefined && client.uid !== 0) {
        handOver(path, { from: builder, uid: client.uid, gid: client.gid });
        if (path !== outer) surface(outer);
      }
      return outer;
    },
  };
}

/** Like mkdtemp, with the reference's names: a number behind the name, the first that is free. */
function makeOuter(temporary: string, name: string): string {
  for (let number = 0; ; number++) {
    const path = `${temporary}/${name}-${number}`;
    try {
      mkdirSync(path, { mode: 0o700 });
      return path;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST')
        throw new Fault('no-build-directory', `cannot make ${path}: ${message}`, { path }, { cause: error });
    }
  }
}

/** By descriptor: the name might have been swapped for another meanwhile, the directory behind it cannot. */
function giveTo(path: string, uid: number, gid: number): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    fchownSync(fd, uid, gid);
    fchmodSync(fd, 0o700);
  } finally {
    closeSync(fd);
  }
}

/** The inner directory takes the place of the outer one. */
function surface(outer: string): void {
  const pivot = `${outer}.pivot`;
  renameSync(outer, pivot);
  renameSync(`${pivot}/top`, outer);
  rmdirSync(pivot);
}

/** Writes the files that the build finds in its directory, before it belongs to the build. */
export function writeFiles({ path }: BuildDirectory, files: Job['files'], owner: { uid?: number; gid?: number }): void {
  for (const { name, contents } of files) {
    if (name.includes('/') || name === '' || name === '.' || name === '..') {
      throw new Fault('invalid-request', `\`${name}' is not the name of a file`, { name });
    }
    const file = `${path}/${name}`;
    writeFileSync(file, contents, { flag: 'wx', mode: 0o644 });
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(file, owner.uid, owner.gid);
  }
}
