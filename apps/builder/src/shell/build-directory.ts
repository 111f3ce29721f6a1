/** The directory in which a build works: made for it alone, removed with whatever is in it. */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Job } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { treeHandOver, treeRemoval } from '@cooper/nar-files';
import { inSlices } from '@cooper/process';
import { AT_FDCWD, RENAME_NOREPLACE, renameat } from '@cooper/system-calls';

/** What a build directory is made for. */
export interface DirectoryRequest {
  /** The directory in which it is made. */
  readonly temporary: string;
  /** The name of the derivation. */
  readonly name: string;
  readonly sandbox: boolean;
  /** Files that the build finds in it. */
  readonly files: Job['files'];
  /** The user who builds; nil: who we are. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
}

/**
 * In a sandbox it is the inner one of two directories: the outer one is ours, so that nothing the build does to the modes
 * of its own lets anybody in.
 */
export class BuildDirectory {
  /** Where it lies in `temporary`. */
  readonly outer: string;
  readonly inode: string;
  readonly #request: DirectoryRequest;

  /** Makes it, for us alone yet. Throws the faults `disk-full` and `no-build-directory`. */
  constructor(request: DirectoryRequest) {
    this.#request = request;
    this.outer = makeOuter(request.temporary, `guix-build-${request.name}`);
    this.inode = inodeOf(this.outer);
  }

  /** Where the build works, on the host. */
  get path(): string {
    return this.#request.sandbox ? `${this.outer}/top` : this.outer;
  }

  /** The same as a sandboxed build sees it: always the same, whoever else builds the same. */
  get pathInside(): string {
    return this.#request.sandbox ? `/tmp/guix-build-${this.#request.name}-0` : this.outer;
  }

  /** Writes the files, then gives the directory to the build. */
  furnish(): void {
    const { sandbox, files, owner } = this.#request;
    if (sandbox) mkdirSync(this.path, { mode: 0o700 });
    for (const { name, contents } of files) {
      const file = `${this.path}/${name}`;
      writeFileSync(file, contents, { flag: 'wx', mode: 0o644 });
      if (owner !== null) chownSync(file, owner.uid, owner.gid);
    }
    if (owner !== null) giveTo(this.path, owner);
  }

  /** Removes it before it was furnished. */
  discard(): void {
    rmdirSync(this.outer);
  }

  /** Removes it and all that is in it. */
  async remove(): Promise<void> {
    await inSlices(treeRemoval(this.outer));
  }

  /** Lets it stand for people to look at, and gives it to the client, never to root. Gives its path. */
  async keep(client: Job['client']): Promise<string> {
    const { owner, sandbox } = this.#request;
    if (client !== undefined && client.uid !== 0 && owner !== null) {
      // Nobody else gets in before the bits that would let them act as the client are gone.
      giveTo(this.path, { uid: 0, gid: 0 });
      await inSlices(treeHandOver(this.path, { from: owner.uid, ...client }));
      giveTo(this.path, { uid: client.uid, gid: client.gid === 0 ? owner.gid : client.gid });
    }
    chmodSync(this.path, 0o755);
    return sandbox && client !== undefined && client.uid !== 0 ? surface(this.outer) : this.outer;
  }
}

/** Removes the build directory that an earlier process made at `path`, if it is still that one. */
export async function removeLeftover({
  path,
  inode,
}: {
  readonly path: string;
  readonly inode: string;
}): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined || inodeOf(path) !== inode) return;
  await inSlices(treeRemoval(path));
}

/**
 * The real path of the place for build directories. Throws the fault `unsafe-build-directory` for one in which others could
 * exchange them: it, or a directory above it, can be written by everybody and is not sticky.
 */
export function checkTemporary(temporary: string): string {
  const real = realPath(temporary);
  for (let directory = real; ; directory = dirname(directory)) {
    const { mode } = statSync(directory);
    if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
      const message = `${real} cannot hold build directories: everybody can write to ${directory}, and it is not sticky`;
      throw new Fault('unsafe-build-directory', message, { temporary, directory });
    }
    if (directory === dirname(directory)) return real;
  }
}

function realPath(temporary: string): string {
  try {
    return realpathSync(temporary);
  } catch (cause) {
    const message = `${temporary} cannot hold build directories: ${(cause as Error).message}`;
    throw new Fault('no-build-directory', message, { path: temporary }, { cause });
  }
}

function inodeOf(path: string): string {
  const { dev, ino } = lstatSync(path, { bigint: true });
  return `${dev}:${ino}`;
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
      if (code !== 'EEXIST') {
        const fault = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'no-build-directory';
        throw new Fault(fault, `cannot make ${path}: ${message}`, { path }, { cause: error });
      }
    }
  }
}

/** By descriptor: the name might have been swapped for another meanwhile, the directory behind it cannot. */
function giveTo(path: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    fchownSync(fd, uid, gid);
    fchmodSync(fd, 0o700);
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts the inner directory in the place of the outer one, and gives its path. The names lie where others may make files
 * too: where one of those stands in the way, the outer directory stays, and is opened.
 */
function surface(outer: string): string {
  const pivot = `${outer}.pivot`;
  if (!rename(outer, pivot)) {
    chmodSync(outer, 0o755);
    return outer;
  }
  if (!rename(`${pivot}/top`, outer)) {
    chmodSync(pivot, 0o755);
    return pivot;
  }
  rmdirSync(pivot);
  return outer;
}

/** False when something has the new name already. */
function rename(from: string, to: string): boolean {
  const place = (path: string) => ({ directory: AT_FDCWD, name: Buffer.from(path) });
  try {
    renameat(place(from), place(to), RENAME_NOREPLACE);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
