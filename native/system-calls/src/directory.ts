/** Entries of directories, as the kernel lists them: in no order, without `.` and `..`. */
import type { ByteString } from '@cooper/byte-string';
import { addon } from './addon.ts';
import type { FileType } from './status.ts';

/** `type` is a hint of the file system, `unknown` where it keeps none. */
export interface DirectoryEntry {
  readonly name: ByteString;
  readonly type: FileType;
}

/** By the numbers of dirent.h. */
const types: readonly (FileType | undefined)[] = Object.assign([], {
  1: 'fifo',
  2: 'character-device',
  4: 'directory',
  6: 'block-device',
  8: 'regular',
  10: 'symlink',
  12: 'socket',
});

/** The next entries (up to about a thousand) of an open directory; none at its end. */
export function readEntries(directory: number): DirectoryEntry[] {
  const flat = addon.readDirectory(directory);
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at < flat.length; at += 2)
    entries.push({ name: flat[at] as ByteString, type: types[flat[at + 1] as number] ?? 'unknown' });
  return entries;
}

/** All entries of an open directory from where its reading stands. */
export function readDirectory(directory: number): DirectoryEntry[] {
  const all: DirectoryEntry[] = [];
  for (let next = readEntries(directory); next.length > 0; next = readEntries(directory))
    for (const entry of next) all.push(entry);
  return all;
}

/** Starts the reading of an open directory again. */
export function rewindDirectory(directory: number): void {
  addon.rewindDirectory(directory);
}
