/**
 * Roots that are files: whatever lies below `gcroots`, `manifests` and `profiles` of the state directory. As the reference
 * has it, a link into the store is a root; so is a link to a link into the store, which people keep where they like (an
 * indirect root); and so is a regular file that is named like a store item. No directory is entered through a link.
 */
import type { ByteString } from '@cooper/byte-string';
import { isStorePath, type StorePath, toStorePath } from '@cooper/store-path';
import {
  AT_FDCWD,
  close,
  type DirectoryEntry,
  type FileType,
  fstatat,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openPath,
  readDirectory,
  readlinkat,
} from '@cooper/system-calls';
import { isErrno } from './storage-fault.ts';

/** What a link, or a file that stands for one, says. */
export type FoundLink =
  | {
      readonly type: 'root';
      readonly kind: 'link' | 'profile' | 'indirect';
      readonly name: string;
      readonly path: StorePath;
    }
  /** A link in `gcroots/auto` to something that is not there any more. */
  | { readonly type: 'stale'; readonly name: string; readonly target: string }
  /** Nobody can tell what it keeps. */
  | { readonly type: 'unreadable'; readonly name: string; readonly problem: string };

interface Search {
  readonly storeDir: string;
  readonly stateDir: string;
  readonly found: FoundLink[];
}

/** Finds them, one directory a step. Names are byte strings. */
export function* findingLinks(storeDir: string, stateDir: string): Generator<void, FoundLink[], void> {
  const search: Search = { storeDir, stateDir, found: [] };
  for (const top of ['gcroots', 'manifests', 'profiles']) yield* searching(search, `${stateDir}/${top}`);
  return search.found;
}

function* searching(search: Search, top: string): Generator<void, void, void> {
  const directories = [top];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for (const { name, type } of listed(search, directory)) {
      const path = `${directory}/${name}`;
      if (type === 'directory') directories.push(path);
      else tolerating(search, path, () => look(search, path, type));
    }
    yield;
  }
}

function listed(search: Search, directory: string): DirectoryEntry[] {
  let entries: DirectoryEntry[] = [];
  tolerating(search, directory, () => {
    const descriptor = openPath(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      entries = readDirectory(descriptor).map((entry) => ({ ...entry, type: typeOf(directory, entry) }));
    } finally {
      close(descriptor);
    }
  });
  return entries;
}

function typeOf(directory: string, { name, type }: DirectoryEntry): FileType {
  return type === 'unknown' ? fstatat(AT_FDCWD, `${directory}/${name}`).type : type;
}

function look(search: Search, path: string, type: FileType): void {
  const { storeDir, stateDir, found } = search;
  if (type === 'symlink') follow(search, path);
  const item = `${storeDir}/${path.slice(path.lastIndexOf('/') + 1)}`;
  if (type === 'regular' && isStorePath(storeDir, item)) {
    found.push({ type: 'root', kind: kindOf(stateDir, path), name: path, path: item });
  }
}

function follow({ storeDir, stateDir, found }: Search, path: string): void {
  const direct = readlinkat(AT_FDCWD, path);
  const item = itemOf(storeDir, direct);
  if (item !== undefined)
    return void found.push({ type: 'root', kind: kindOf(stateDir, path), name: path, path: item });
  const target = direct.startsWith('/') ? direct : `${path.slice(0, path.lastIndexOf('/'))}/${direct}`;
  const type = typeBehind(target);
  if (type === undefined && path.startsWith(`${stateDir}/gcroots/auto/`))
    found.push({ type: 'stale', name: path, target });
  const indirect = type === 'symlink' ? itemOf(storeDir, readlinkat(AT_FDCWD, target)) : undefined;
  if (indirect !== undefined) found.push({ type: 'root', kind: 'indirect', name: target, path: indirect });
}

/** What is at `path`; nothing only when certainly nothing is there. */
function typeBehind(path: string): FileType | undefined {
  try {
    return fstatat(AT_FDCWD, path as ByteString).type;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** The store item that a link with this target leads to, if it leads to one. */
export function itemOf(storeDir: string, target: string): StorePath | undefined {
  if (!target.startsWith(`${storeDir}/`)) return undefined;
  try {
    return toStorePath(storeDir, target);
  } catch {
    // A link to something in the store directory that is no store item keeps nothing.
    return undefined;
  }
}

function kindOf(stateDir: string, path: string): 'link' | 'profile' {
  return path.startsWith(`${stateDir}/profiles/`) ? 'profile' : 'link';
}

/** What vanishes while it is looked at is no root; what may not be read is told of, and keeps nobody from the others. */
function tolerating({ found }: Search, path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return;
    if (!isErrno(error, 'EACCES', 'EPERM', 'ELOOP', 'ESTALE', 'EIO')) throw error;
    found.push({ type: 'unreadable', name: path, problem: (error as Error).message });
  }
}
