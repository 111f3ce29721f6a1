/** Numbers of the kernel interface that differ between architectures come from node:fs; the others are here. */
import { constants } from 'node:fs';

export const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NOFOLLOW, O_DIRECTORY } = constants;
export const { O_NONBLOCK, O_NOCTTY } = constants;

/** Only a handle on the file: nothing is read or written, no permission on the file itself is needed. */
export const O_PATH = 0o10000000;

/** In place of a descriptor: relative to the working directory. */
export const AT_FDCWD = -100;
/** For `unlinkat`: remove a directory. */
export const AT_REMOVEDIR = 0x200;

/** For `renameat2`. */
export const RENAME_NOREPLACE = 1;
export const RENAME_EXCHANGE = 2;

/** For `openat2`: what the way to a file may not do. */
export const RESOLVE_NO_XDEV = 0x01;
export const RESOLVE_NO_MAGICLINKS = 0x02;
export const RESOLVE_NO_SYMLINKS = 0x04;
export const RESOLVE_BENEATH = 0x08;
export const RESOLVE_IN_ROOT = 0x10;

/** Types of files, in a mode. */
export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;
