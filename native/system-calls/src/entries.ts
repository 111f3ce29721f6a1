/**
 * The calls on names in open directories. All throw errors in the shape of Node's own (`code`, `errno`, `syscall`),
 * follow no symlink in the last part of a name, and open close-on-exec. A directory may be `AT_FDCWD`.
 */
import type { ByteString } from '@cooper/byte-string';
import { addon, type Name } from './addon.ts';
import { AT_FDCWD, AT_REMOVEDIR, O_NOFOLLOW } from './constants.ts';

/** Opens `name`; `mode` (before the umask) counts where the flags create a file. O_NOFOLLOW is always set. */
export function openat(directory: number, name: Name, flags: number, mode = 0): number {
  return addon.openat(directory, name, flags | O_NOFOLLOW, mode);
}

/** Opens a path as a user gave it: symlinks are followed. */
export function openPath(path: Name, flags: number, mode = 0): number {
  return addon.openat(AT_FDCWD, path, flags, mode);
}

/** How `openat2` opens: flags and mode as for `openat`, and the RESOLVE_ flags that limit the way there. */
export interface OpenHow {
  readonly flags: number;
  readonly mode?: number;
  readonly resolve: number;
}

/**
 * Opens a path of several parts under limits (openat2(2)). Follows a final symlink unless the flags or limits say no.
 */
export function openat2(directory: number, path: Name, how: OpenHow): number {
  return addon.openat2(directory, path, how.flags, how.mode ?? 0, how.resolve);
}

export function close(descriptor: number): void {
  addon.close(descriptor);
}

export function mkdirat(directory: number, name: Name, mode: number): void {
  addon.mkdirat(directory, name, mode);
}

/** Makes a FIFO, socket, or (as root) device: the type is in `mode`. */
export function mknodat(directory: number, name: Name, mode: number, device = 0): void {
  addon.mknodat(directory, name, mode, device);
}

/** Removes an entry that is not a directory. */
export function unlinkat(directory: number, name: Name): void {
  addon.unlinkat(directory, name, 0);
}

/** Removes an empty directory. */
export function rmdirat(directory: number, name: Name): void {
  addon.unlinkat(directory, name, AT_REMOVEDIR);
}

/** A name in an open directory. */
export interface Place {
  readonly directory: number;
  readonly name: Name;
}

/** Renames; `flags` may be RENAME_NOREPLACE or RENAME_EXCHANGE. */
export function renameat(from: Place, to: Place, flags = 0): void {
  addon.renameat2(from.directory, from.name, to.directory, to.name, flags);
}

/** Makes `to` another name of the file `from` (of a symlink itself, not what it points to). */
export function linkat(from: Place, to: Place): void {
  addon.linkat(from.directory, from.name, to.directory, to.name);
}

export function symlinkat(target: Name, directory: number, name: Name): void {
  addon.symlinkat(target, directory, name);
}

export function readlinkat(directory: number, name: Name): ByteString {
  return addon.readlinkat(directory, name) as ByteString;
}
