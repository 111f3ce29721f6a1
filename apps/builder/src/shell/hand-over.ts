/**
 * Gives the files of a failed build to a client, never root. What the build may have put there to trick us stays as it is:
 * links are changed themselves, not what they point to; files that are not the build's own are left alone; bits that
 * would let others act as the client go first.
 */
import type { ByteString } from '@cooper/byte-string';
import {
  AT_FDCWD,
  close,
  fchmod,
  fchownat,
  fstatat,
  type Name,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_NONBLOCK,
  openat,
  readDirectory,
} from '@cooper/system-calls';

export interface HandOver {
  /** The owner of the build's own files; absent: whoever we are. */
  readonly from: number | undefined;
  readonly uid: number;
  readonly gid: number;
}

/** Permissions without the bits that change who a program runs as. */
const harmless = 0o0777;

/** Gives the tree at `path` over. */
export function handOver(path: string, to: HandOver): void {
  giveEntry(AT_FDCWD, path, to);
}

function giveEntry(directory: number, name: Name, to: HandOver): void {
  const { type, user, mode } = fstatat(directory, name);
  if (to.from !== undefined && user !== to.from) return;
  if (type === 'directory') giveDirectory(directory, name, to);
  else if (type === 'regular') disarm(directory, name, mode);
  fchownat(directory, name, { user: to.uid, group: to.gid === 0 ? -1 : to.gid });
}

/** Not recursive in depth of stack alone: a level costs a descriptor, and a tree too deep for that is left as it is. */
function giveDirectory(parent: number, name: Name, to: HandOver): void {
  const directory = openat(parent, name, O_DIRECTORY | O_NOFOLLOW);
  try {
    for (const entry of readDirectory(directory)) giveEntry(directory, entry.name as ByteString, to);
  } finally {
    close(directory);
  }
}

function disarm(directory: number, name: Name, mode: number): void {
  if ((mode & ~harmless & 0o7777) === 0) return;
  const file = openat(directory, name, O_NOFOLLOW | O_NONBLOCK);
  try {
    fchmod(file, mode & harmless);
  } finally {
    close(file);
  }
}
