/** Goes through an item and has each file share the blocks of one that is the same. */
import type { ByteString } from '@cooper/byte-string';
import {
  close,
  type FileStatus,
  fchmod,
  fstat,
  fstatat,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openat,
  type Place,
  readDirectory,
  renameat,
  unlinkat,
  utimensat,
} from '@cooper/system-calls';
import type { DeduplicationAnswer, DeduplicationPlace } from './deduplicator.ts';
import { type PassPoint, passing } from './fault-point.ts';
import { type LinkedFiles, smallest } from './linked-files.ts';
import { isErrno } from './storage-fault.ts';

const isRoot = process.geteuid?.() === 0;

/** Files further down stay as they are: each level costs a descriptor. */
const deepest = 100;

/** What a rename, or looking at something, meets where others have taken it away. */
const vanished = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ESTALE'];

export class Relinking {
  readonly #place: DeduplicationPlace;
  readonly #files: LinkedFiles;
  readonly #pass: PassPoint;
  #count = 0;
  #bytes = 0;

  constructor(place: DeduplicationPlace, files: LinkedFiles) {
    this.#place = place;
    this.#files = files;
    this.#pass = passing(place.faultPoint);
  }

  get result(): DeduplicationAnswer {
    return { files: this.#count, bytes: this.#bytes };
  }

  /** Deals with the item of this name. */
  tree(name: ByteString): void {
    this.#entry({ directory: this.#place.directory, name }, 0);
  }

  #entry(place: Place, depth: number): void {
    try {
      const status = fstatat(place.directory, place.name);
      if (status.type === 'directory' && depth < deepest) this.#directory(place, depth);
      else if (isShareable(status) && !this.#files.isShared(status)) this.#file(place, status, depth);
    } catch (error) {
      if (!isErrno(error, ...vanished, 'EACCES')) throw error;
    }
  }

  /** Renaming changes the time of a directory, and may need the right to write it: both are put back. */
  #directory({ directory, name }: Place, depth: number): void {
    const opened = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const before = this.#count;
    try {
      for (const entry of readDirectory(opened)) this.#entry({ directory: opened, name: entry.name }, depth + 1);
      if (this.#count > before) utimensat(directory, name, 1);
    } finally {
      close(opened);
    }
  }

  #file(place: Place, status: FileStatus, depth: number): void {
    const shared = this.#files.share(place, status);
    if (shared === undefined) return;
    try {
      this.#pass('linked');
      if (depth === 0) renameat(shared, place);
      else replaceIn(shared, place);
      this.#pass('relinked');
      this.#count++;
      if (status.links === 1) this.#bytes += status.allocated;
    } catch (error) {
      unlinkat(shared.directory, shared.name);
      // Some file systems count the new name before the old one is gone.
      if (!isErrno(error, 'EMLINK', ...vanished)) throw error;
    }
  }
}

function replaceIn(shared: Place, place: Place): void {
  const mode = isRoot ? undefined : fstat(place.directory).mode;
  if (mode !== undefined) fchmod(place.directory, 0o755);
  try {
    renameat(shared, place);
  } finally {
    if (mode !== undefined) fchmod(place.directory, mode & 0o7777);
  }
}

/** A file that nobody may write, of some size. One that can be written is not what was registered for long. */
function isShareable({ type, mode, size }: FileStatus): boolean {
  return type === 'regular' && (mode & 0o222) === 0 && size >= smallest;
}
