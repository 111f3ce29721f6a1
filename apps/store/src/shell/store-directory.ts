/** The store directory, open: what lies in it is found, put there and taken out by name, and no symlink is followed. */
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { type ByteString, fromText } from '@cooper/byte-string';
import { outputMakersGroup } from '@cooper/config';
import { Fault } from '@cooper/fault';
import type { TreeLocation } from '@cooper/nar-files';
import { checkStoreDirectory, type StorePath, storePathBaseName } from '@cooper/store-path';
import {
  close,
  type FileStatus,
  fchmod,
  fstat,
  fstatat,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  openat,
  openPath,
  type Place,
  RENAME_EXCHANGE,
  renameat,
  syncfs,
} from '@cooper/system-calls';
import { isErrno } from './storage-fault.ts';

/** A name in an open directory. */
export type Location = TreeLocation & { readonly directory: number; readonly name: ByteString };

export class StoreDirectory {
  readonly path: string;
  readonly descriptor: number;

  /** Opens the directory, which is made where there is none. `buildGroup`: whose members may make outputs in it. */
  constructor(path: string, buildGroup: number | undefined) {
    checkStoreDirectory(path);
    mkdirSync(path, { recursive: true, mode: 0o755 });
    checkNoSymlink(path);
    if (process.geteuid?.() === 0) share(path, buildGroup);
    this.path = path;
    this.descriptor = openPath(path, O_RDONLY | O_DIRECTORY);
  }

  /** Where an item lies, or would lie. */
  locate(path: StorePath): Location {
    return { directory: this.descriptor, name: fromText(storePathBaseName(path)) };
  }

  /** The status of what lies at `path`, nothing where there is nothing. */
  status(path: StorePath): FileStatus | undefined {
    return statusOf(this.locate(path));
  }

  /** Makes everything written to the file system of the store durable. */
  sync(): void {
    syncfs(this.descriptor);
  }
}

/** A directory at a location, open for as long as this is not disposed of. */
export class OpenDirectory implements Disposable {
  readonly descriptor: number;

  constructor({ directory, name }: Location) {
    this.descriptor = openat(directory, name, O_PATH | O_DIRECTORY);
  }

  [Symbol.dispose](): void {
    close(this.descriptor);
  }
}

/** The status of what is at a location, nothing where there is nothing. */
export function statusOf({ directory, name }: Place): FileStatus | undefined {
  try {
    return fstatat(directory, name);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/**
 * Renames an entry, in one step; `RENAME_EXCHANGE` has the two change places. A directory that is read-only even for us
 * (its owner, without root's rights) is made writable for that moment: to move it changes it.
 */
export function moveEntry(from: Place, to: Place, flags: 0 | typeof RENAME_EXCHANGE = 0): void {
  try {
    renameat(from, to, flags);
  } catch (error) {
    if (!isErrno(error, 'EACCES')) throw error;
    const moved = [from, ...(flags === RENAME_EXCHANGE ? [to] : [])];
    using opened = new WritableDirectories(moved.filter((place) => statusOf(place)?.type === 'directory'));
    if (opened.count === 0) throw error;
    renameat(from, to, flags);
  }
}

/** Directories that are writable for as long as this is not disposed of. */
class WritableDirectories implements Disposable {
  readonly #modes = new Map<number, number>();

  constructor(places: readonly Place[]) {
    for (const { directory, name } of places) {
      const handle = openat(directory, name, O_PATH | O_DIRECTORY);
      this.#modes.set(handle, fstat(handle).mode & 0o7777);
      fchmod(handle, 0o755);
    }
  }

  get count(): number {
    return this.#modes.size;
  }

  [Symbol.dispose](): void {
    for (const [handle, mode] of this.#modes) {
      fchmod(handle, mode);
      close(handle);
    }
  }
}

/** A symlink in the way would let items be reached by two names: the reference refuses it, too. */
function checkNoSymlink(path: string): void {
  for (let part = path; part !== ''; part = part.slice(0, part.lastIndexOf('/'))) {
    if (!lstatSync(part).isSymbolicLink()) continue;
    const message = `${part} is a symlink, which the store directory ${path} must not go through`;
    throw new Fault('invalid-store-directory', message, { path, symlink: part });
  }
}

/**
 * Build users may make outputs, and cannot touch those of others. Where no group is named, the directory stays shared with
 * whatever group it is shared with (a guix-daemon's), or becomes so with one that has no members but builds.
 */
function share(path: string, group: number | undefined): void {
  const { gid, mode } = lstatSync(path);
  const isShared = gid !== 0 && (mode & 0o020) !== 0;
  if (group === undefined && isShared) return;
  chownSync(path, 0, group ?? outputMakersGroup);
  chmodSync(path, 0o1775);
}

/** The number of a group by its name, from /etc/group. Throws the fault `unknown-group`. */
export function groupNumber(name: string): number {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${name}:`));
  const number = Number(line?.split(':')[2]);
  if (Number.isInteger(number)) return number;
  throw new Fault('unknown-group', `there is no group \`${name}' for builds`, { name });
}
