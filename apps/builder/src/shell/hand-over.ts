/**
 * Gives the files of a failed build to a client, never root. What the build may have put there to trick us stays as it is:
 * links are changed themselves, not what they point to; nothing but directories is opened; files that are not the
 * build's own are left alone; bits that would let others act as the client go first.
 */
import {
  AT_FDCWD,
  close,
  fchmod,
  fchownat,
  fstat,
  fstatat,
  type Name,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  openat,
  readDirectory,
} from '@cooper/system-calls';

export interface HandOver {
  /** The owner of the build's own files; absent: whoever. */
  readonly from: number | undefined;
  readonly uid: number;
  readonly gid: number;
}

/** Permissions without the bits that change who a program runs as. */
const harmless = 0o0777;

/** How many directories deep files are given over. Each costs a descriptor; what lies deeper stays the build's. */
const depthLimit = 256;

/** Gives what is in the directory `path` over, step by step. Nothing of the build may run any more. */
export function* handOver(path: string, to: HandOver): Generator<void, void, void> {
  yield* giveContents({ directory: AT_FDCWD, name: Buffer.from(path), depth: 0 }, to);
}

interface Entry {
  readonly directory: number;
  readonly name: Name;
  readonly depth: number;
}

function* giveEntry({ directory, name, depth }: Entry, to: HandOver): Generator<void, void, void> {
  const { type, user, mode } = fstatat(directory, name);
  if (to.from !== undefined && user !== to.from) return;
  if (type === 'directory' && depth < depthLimit) yield* giveContents({ directory, name, depth }, to);
  if (type !== 'symlink' && (mode & ~harmless & 0o7777) !== 0) disarm(directory, name);
  fchownat(directory, name, { user: to.uid, group: to.gid === 0 ? -1 : to.gid });
  yield;
}

function* giveContents({ directory, name, depth }: Entry, to: HandOver): Generator<void, void, void> {
  const own = openat(directory, name, O_DIRECTORY | O_NOFOLLOW);
  try {
    for (const entry of readDirectory(own))
      yield* giveEntry({ directory: own, name: entry.name, depth: depth + 1 }, to);
  } finally {
    close(own);
  }
}

/** By a mere handle: a FIFO is not waited for, a device not touched. */
function disarm(directory: number, name: Name): void {
  const handle = openat(directory, name, O_PATH | O_NOFOLLOW);
  try {
    fchmod(handle, fstat(handle).mode & harmless);
  } finally {
    close(handle);
  }
}
