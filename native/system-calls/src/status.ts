/** What the kernel knows of a file (stat(2)) and of a file system (statvfs(3)). */
import { addon, type Name } from './addon.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from './constants.ts';

export type FileType =
  | 'regular'
  | 'directory'
  | 'symlink'
  | 'fifo'
  | 'socket'
  | 'character-device'
  | 'block-device'
  | 'unknown';

const typesByMode: Readonly<Record<number, FileType>> = {
  [S_IFREG]: 'regular',
  [S_IFDIR]: 'directory',
  [S_IFLNK]: 'symlink',
  [S_IFIFO]: 'fifo',
  [S_IFSOCK]: 'socket',
  [S_IFCHR]: 'character-device',
  [S_IFBLK]: 'block-device',
};

/** The status of a file. Sizes and times past 2^53 are the nearest number; `inode` is always exact. */
export interface FileStatus {
  readonly type: FileType;
  /** Type, permissions and the special bits, as in `st_mode`. */
  readonly mode: number;
  /** In bytes. */
  readonly size: number;
  /** Bytes on disk. */
  readonly allocated: number;
  readonly links: number;
  readonly user: number;
  readonly group: number;
  readonly device: number;
  readonly inode: bigint;
  /** Time of modification: seconds since 1970, and the nanoseconds of that second. */
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The type that a mode tells. */
export function typeOfMode(mode: number): FileType {
  return typesByMode[mode & S_IFMT] ?? 'unknown';
}

/** The status that the last call left in the registers, in the order of c/status.h. */
export function statusInRegisters(): FileStatus {
  const [mode = 0, size = 0, blocks = 0, links = 0, user = 0, group = 0, device = 0, high = 0, low = 0] =
    addon.registers;
  return {
    type: typeOfMode(mode),
    mode,
    size,
    allocated: blocks * 512,
    links,
    user,
    group,
    device,
    inode: (BigInt(high) << 32n) | BigInt(low),
    seconds: addon.registers[9] ?? 0,
    nanoseconds: addon.registers[10] ?? 0,
  };
}

/** The status of `name` in `directory`, or of the descriptor itself where the name is empty. Follows no symlink. */
export function fstatat(directory: number, name: Name): FileStatus {
  addon.fstatat(directory, name);
  return statusInRegisters();
}

/** The status of an open file. */
export function fstat(descriptor: number): FileStatus {
  return fstatat(descriptor, '');
}

/** Bytes and inodes of a file system. `available` is what is left for users without privileges. */
export interface FileSystemStatus {
  readonly size: number;
  readonly free: number;
  readonly available: number;
  readonly inodes: number;
  readonly availableInodes: number;
  readonly readOnly: boolean;
}

/** The file system that holds an open file. */
export function fstatvfs(descriptor: number): FileSystemStatus {
  addon.fstatvfs(descriptor);
  const [size = 0, free = 0, available = 0, inodes = 0, availableInodes = 0, readOnly = 0] = addon.registers;
  return { size, free, available, inodes, availableInodes, readOnly: readOnly !== 0 };
}
