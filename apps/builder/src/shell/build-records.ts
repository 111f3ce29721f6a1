/**
 * Records of running builds: one small file each, locked by the process that runs the build. What a process that was
 * killed has left can be told from what others are doing, and is cleaned up by the next one. The file of a build that has
 * ended is kept, empty, for the next build: to make and remove one for each would cost more than to write it.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tryLock } from '@cooper/system-calls';
import type { ControlGroupTrace } from './control-group.ts';

/** What a build has taken of the machine. */
export interface Traces {
  readonly uid?: number;
  /** The first holds its processes. */
  readonly controlGroups?: readonly ControlGroupTrace[];
  /** Its build directory; the inode tells it from a later one of the same name. */
  readonly directory?: { readonly path: string; readonly inode: string };
}

export class BuildRecords {
  readonly #directory: string;
  /** Empty ones, locked by us. */
  readonly #free: OpenFile[] = [];
  #last = 0;
  #isClosed = false;

  constructor(runDirectory: string) {
    this.#directory = `${runDirectory}/builds`;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
  }

  /** A record for a build that is about to begin. */
  open(): BuildRecord {
    return new BuildRecord(this.#free.pop() ?? this.#make(), (file) => this.#put(file));
  }

  /** Removes the files that are kept. What is still in use goes when it is discarded. */
  close(): void {
    this.#isClosed = true;
    for (const file of this.#free.splice(0)) remove(file);
  }

  #make(): OpenFile {
    for (;;) {
      const path = `${this.#directory}/${process.pid}-${++this.#last}`;
      const fd = openNew(path);
      if (fd === undefined) continue;
      if (isOurs(fd)) return { path, fd };
      // Somebody who cleans up has taken it for a leftover.
      closeSync(fd);
    }
  }

  #put(file: OpenFile): void {
    if (this.#isClosed) {
      remove(file);
      return;
    }
    ftruncateSync(file.fd);
    this.#free.push(file);
  }

  /** The records whose writers have ended without removing them. Each is locked now, until it is removed. */
  leftovers(): readonly BuildRecord[] {
    return readdirSync(this.#directory).flatMap((name) => {
      const path = `${this.#directory}/${name}`;
      const fd = openExisting(path);
      if (fd === undefined) return [];
      if (isOurs(fd)) return [new BuildRecord({ path, fd }, remove)];
      closeSync(fd);
      return [];
    });
  }
}

interface OpenFile {
  readonly path: string;
  readonly fd: number;
}

function remove({ path, fd }: OpenFile): void {
  unlinkSync(path);
  closeSync(fd);
}

export class BuildRecord {
  readonly #file: OpenFile;
  readonly #giveBack: (file: OpenFile) => void;

  constructor(file: OpenFile, giveBack: (file: OpenFile) => void) {
    this.#file = file;
    this.#giveBack = giveBack;
  }

  write(traces: Traces): void {
    ftruncateSync(this.#file.fd);
    writeSync(this.#file.fd, JSON.stringify(traces), 0);
  }

  /** What was written; nothing when that was cut short, before anything was taken, or when the build has ended. */
  read(): Traces {
    const text = readFileSync(this.#file.path, 'utf8');
    return text.endsWith('}') ? (JSON.parse(text) as Traces) : {};
  }

  /** Nothing is left of the build. */
  discard(): void {
    this.#giveBack(this.#file);
  }

  /** Leaves it to the next process that cleans up. */
  leave(): void {
    closeSync(this.#file.fd);
  }
}

/** Locks a record. False when another has it, or had it and has removed it. */
function isOurs(fd: number): boolean {
  return tryLock(fd, true) && fstatSync(fd).nlink > 0;
}

function openNew(file: string): number | undefined {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

/** Nothing when it has been removed meanwhile, by another builder whose build has ended. */
function openExisting(file: string): number | undefined {
  try {
    return openSync(file, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
