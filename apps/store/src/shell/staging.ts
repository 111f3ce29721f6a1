/**
 * The store's own corner of the store directory, `.cooper`, of mode 0700: where items are before they are visible, where
 * what is to go awaits its removal, and the journal. It is on the file system of the store, so that a finished item gets
 * to its place by one rename. Whatever lies in it when the store starts belongs to nobody.
 *
 * A collector of another program would remove it as garbage, but for its place among the temporary roots.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readdirSync } from 'node:fs';
import { fromText } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { close, O_DIRECTORY, O_RDONLY, openat, openPath, tryLock } from '@cooper/system-calls';
import { isErrno } from './storage-fault.ts';
import { type Location, moveEntry } from './store-directory.ts';
import type { Sweeper } from './sweeper.ts';

/** Names of this process, which no earlier one has used: process numbers come again. */
const run = randomBytes(8).toString('hex');

/** How long, in ms, what is discarded lies there before it is removed. */
const sweepingDelay = 50;

export class Staging {
  /** The path of `.cooper`. */
  readonly path: string;
  readonly #sweeper: Sweeper;
  /** It, open. */
  readonly descriptor: number;
  #last = 0;
  /** For what is discarded, until it is emptied. */
  #bin: Bin | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Makes `.cooper`, and takes it for this process alone: the fault `store-in-use` where another has it. What is discarded
   * goes to `sweeper`; what that cannot remove stays until the next start.
   */
  constructor(storeDir: string, sweeper: Sweeper) {
    this.path = `${storeDir}/.cooper`;
    this.#sweeper = sweeper;
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    this.descriptor = openPath(this.path, O_RDONLY | O_DIRECTORY);
    if (tryLock(openSync(`${this.path}/lock`, 'a+', 0o600), true)) return;
    throw new Fault('store-in-use', `another store process is at work in ${storeDir}`, { storeDir });
  }

  /** Removes what an earlier process has left; `keep` names what is not to be touched. */
  clear(keep: readonly string[]): void {
    for (const name of readdirSync(this.path, 'latin1')) {
      const isOurs = name === 'lock' || name.startsWith(run);
      if (!isOurs && !keep.includes(name)) this.discard({ directory: this.descriptor, name: fromText(name) });
    }
  }

  /** A name for a tree that is not there yet; `kind` is its end, for people. */
  place(kind = ''): Location {
    return { directory: this.descriptor, name: fromText(`${run}-${++this.#last}${kind}`) };
  }

  /** A fresh directory of mode 0700. */
  makeDirectory(): Location {
    const location = this.place();
    mkdirSync(this.pathOf(location), { mode: 0o700 });
    return location;
  }

  /** Takes away what is in a directory that `makeDirectory` made, whoever owns it by now. */
  empty(location: Location): void {
    this.discard(location);
    mkdirSync(this.pathOf(location), { mode: 0o700 });
  }

  /** A bin for what goes together. */
  openBin(): Bin {
    return new Bin(this, this.#sweeper);
  }

  /** Takes a tree into staging, from wherever it lies on the same file system, and tells where it lies now. */
  bring(location: Location): Location {
    const place = this.place();
    moveEntry(location, place);
    return place;
  }

  /** Where a tree of an earlier process lies, or has lain. */
  locate(name: string): Location {
    return { directory: this.descriptor, name: fromText(name) };
  }

  pathOf({ name }: Location): string {
    return `${this.path}/${name}`;
  }

  /**
   * Takes away what is at `location`, if anything: out of sight at once, from the disk a moment later in the background.
   * Removed at once, it would keep busy the directory in which the next item is being made.
   */
  discard(location: Location): void {
    this.#bin ??= this.openBin();
    this.#timer ??= setTimeout(() => this.#emptyBin(), sweepingDelay).unref();
    if (!this.#bin.throwIn(location)) this.trash(location);
  }

  /** Gives all that was discarded to the sweeper. */
  close(): void {
    this.#emptyBin();
  }

  #emptyBin(): void {
    clearTimeout(this.#timer);
    void this.#bin?.empty();
    this.#bin = this.#timer = undefined;
  }

  /** Takes it away at once; resolves, when it is gone, to the bytes that it freed on disk. Nothing where there was nothing. */
  trash(location: Location): Promise<number> | undefined {
    const trash = { directory: this.descriptor, name: fromText(`${run}-${++this.#last}-removed`) };
    try {
      moveEntry(location, trash);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
    return this.#sweeper.sweep(trash);
  }
}

/** Things are thrown in: they are out of sight at once, and removed together. */
export class Bin {
  readonly #staging: Staging;
  readonly #sweeper: Sweeper;
  /** Made when it is needed. */
  #directory: { readonly location: Location; readonly descriptor: number } | undefined;
  #count = 0;

  constructor(staging: Staging, sweeper: Sweeper) {
    this.#staging = staging;
    this.#sweeper = sweeper;
  }

  /** Throws in what is at `location`, if anything. False where the disk is too full for another name. */
  throwIn(location: Location): boolean {
    try {
      this.#directory ??= this.#make();
      moveEntry(location, { directory: this.#directory.descriptor, name: fromText(`${++this.#count}`) });
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOSPC', 'EDQUOT')) return false;
      if (isErrno(error, 'ENOENT')) return true;
      throw error;
    }
  }

  /** Nothing more goes in. Resolves, when all is removed, to the bytes that it freed on disk. */
  async empty(): Promise<number> {
    if (this.#directory === undefined) return 0;
    close(this.#directory.descriptor);
    return this.#sweeper.sweep(this.#directory.location);
  }

  #make() {
    const location = this.#staging.makeDirectory();
    return { location, descriptor: openat(location.directory, location.name, O_RDONLY | O_DIRECTORY) };
  }
}
