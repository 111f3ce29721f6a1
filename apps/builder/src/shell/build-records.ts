/**
 * Records of running builds: one small file each, locked by the process that runs the build. What a process that was
 * killed has left can be told from what others are doing, and is cleaned up by the next one.
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
  readonly controlGroup?: ControlGroupTrace;
  /** Its build directory; the inode tells it from a later one of the same name. */
  readonly directory?: { readonly path: string; readonly inode: string };
}

export class BuildRecords {
  readonly #directory: string;
  #last = 0;

  constructor(runDirectory: string) {
    this.#directory = `${runDirectory}/builds`;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
  }

  /** A record for a build that is about to begin. */
  open(): BuildRecord {
    for (;;) {
      const file = `${this.#directory}/${process.pid}-${++this.#last}`;
      const fd = openNew(file);
      if (fd === undefined) continue;
      if (isOurs(fd)) return new BuildRecord(file, fd);
      // Somebody who cleans up has taken it for a leftover.
      closeSync(fd);
    }
  }

  /** The records whose writers have ended without removing them. Each is locked now, until it is removed. */
  leftovers(): readonly BuildRecord[] {
    return readdirSync(this.#directory).flatMap((name) => {
      const file = `${this.#directory}/${name}`;
      const fd = openExisting(file);
      if (fd === undefined) return [];
      if (isOurs(fd)) return [new BuildRecord(file, fd)];
      closeSync(fd);
      return [];
    });
  }
}

export class BuildRecord {
  readonly #file: string;
  readonly #fd: number;

  constructor(file: string, fd: number) {
    this.#file = file;
    this.#fd = fd;
  }

  write(traces: Traces): void {
    ftruncateSync(this.#fd);
    writeSync(this.#fd, JSON.stringify(traces), 0);
  }

  /** What was written; nothing when that was cut short, before anything was taken. */
  read(): Traces {
    const text = readFileSync(this.#file, 'utf8');
    return text.endsWith('}') ? (JSON.parse(text) as Traces) : {};
  }

  /** Removes it: nothing is left of the build. */
  discard(): void {
    unlinkSync(this.#file);
    closeSync(this.#fd);
  }

  /** Leaves it to the next process that cleans up. */
  leave(): void {
    closeSync(this.#fd);
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
