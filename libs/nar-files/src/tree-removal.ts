/**
 * Removes trees, whatever a hostile build made of them: any depth, any names, any number of entries, directories
 * without permissions, FIFOs, sockets and devices, and things that are exchanged while the removal goes on.
 *
 * Every step is relative to an open directory of the tree. No symlink is followed, no mount is entered, and an entry
 * that has become something else is removed as what it is, or the removal stops with a fault.
 */
import type { ByteString } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import {
  close,
  type DirectoryEntry,
  type FileStatus,
  fchmod,
  fstat,
  fstatat,
  readEntries,
  rmdirat,
  unlinkat,
} from '@cooper/system-calls';
import { DirectoryStack } from './directory-stack.ts';
import { explain, isErrno } from './failure.ts';
import { Anchor, type TreeLocation } from './location.ts';
import { finish } from './steps.ts';

/** How often something may turn out to be another than a moment ago before the removal gives up. */
const patience = 1000;

/** How many entries are removed in one step. */
const stepSize = 256;

/** A directory that is being emptied: the entries read last, of which those before `next` are gone. */
interface Listing {
  entries: readonly DirectoryEntry[];
  next: number;
  /** The bytes that the directory itself takes. */
  readonly allocated: number;
}

/** Removes step by step; each step gives the bytes freed so far, the end their sum. Nothing there: nothing to do. */
export function* treeRemoval(location: TreeLocation): Generator<number, number, void> {
  using anchor = new Anchor(location);
  using stack = new DirectoryStack(anchor);
  return yield* new TreeRemoval(stack).run(anchor.name);
}

/** All steps of `treeRemoval` at once. Gives the bytes freed on disk: of a file only when its last name goes. */
export function removeTree(location: TreeLocation): number {
  return finish(treeRemoval(location));
}

class TreeRemoval {
  readonly #stack: DirectoryStack;
  readonly #listings: Listing[] = [];
  readonly #user = process.geteuid?.();
  /** What is being done in the innermost directory is done to this entry, or to the directory itself. */
  #entry: ByteString | undefined;
  #freed = 0;
  #conflicts = 0;

  constructor(stack: DirectoryStack) {
    this.#stack = stack;
  }

  *run(top: ByteString): Generator<number, number, void> {
    try {
      this.#remove({ name: top, type: 'unknown' });
      for (let count = 1; this.#listings.length > 0; count++) {
        this.#removeNext();
        if (count % stepSize === 0) yield this.#freed;
      }
    } catch (error) {
      throw explain(error, 'cannot remove', this.#stack.pathOf(this.#entry));
    }
    return this.#freed;
  }

  /** Removes the next entry of the innermost directory, or that directory itself when it is empty. */
  #removeNext(): void {
    const listing = this.#listings.at(-1) as Listing;
    const entry = listing.entries[listing.next++];
    this.#entry = undefined;
    if (entry !== undefined) this.#remove(entry);
    else {
      listing.entries = readEntries(this.#stack.current);
      listing.next = 0;
      if (listing.entries.length === 0) this.#removeEmptied(listing);
    }
  }

  #remove({ name, type }: DirectoryEntry): void {
    this.#entry = name;
    if (type === 'directory') this.#enter(name);
    else this.#removeOther(name);
  }

  /** Removes what is believed not to be a directory. */
  #removeOther(name: ByteString): void {
    const status = this.#statusOf(name);
    if (status?.type === 'directory') this.#enter(name);
    else if (status !== undefined) this.#unlink(name, status);
  }

  #unlink(name: ByteString, status: FileStatus): void {
    const outcome = attempt(() => unlinkat(this.#stack.current, name), 'ENOENT', 'EISDIR');
    if (outcome === 'done' && status.links === 1) this.#freed += status.allocated;
    if (outcome === 'EISDIR') this.#retry(name);
  }

  #statusOf(name: ByteString): FileStatus | undefined {
    let status: FileStatus | undefined;
    attempt(() => {
      status = fstatat(this.#stack.current, name);
    }, 'ENOENT');
    return status;
  }

  #enter(name: ByteString): void {
    const outcome = attempt(() => this.#stack.enter(name), 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES');
    if (outcome === 'done') this.#begin();
    else if (outcome === 'EACCES') this.#unlock(name);
    else if (outcome !== 'ENOENT') this.#retry(name);
  }

  #begin(): void {
    this.#entry = undefined;
    const directory = this.#stack.current;
    const { allocated, mode, user } = fstat(directory);
    this.#listings.push({ entries: [], next: 0, allocated });
    if ((mode & 0o700) !== 0o700 && user === this.#user) fchmod(directory, 0o700);
  }

  /** Gives us the permissions on a directory that we own but may not read. */
  #unlock(name: ByteString): void {
    const handle = this.#stack.handle(name);
    try {
      const { mode, type } = fstat(handle);
      if (type !== 'directory' || (mode & 0o700) === 0o700) throw this.#changing(name);
      fchmod(handle, 0o700);
    } finally {
      close(handle);
    }
    this.#enter(name);
  }

  #removeEmptied({ allocated }: Listing): void {
    const { name } = this.#stack;
    this.#listings.pop();
    this.#stack.leave();
    const expected = ['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'];
    const outcome = attempt(() => rmdirat(this.#stack.current, name), ...expected);
    if (outcome === 'done') this.#freed += allocated;
    else if (outcome !== 'ENOENT') this.#retry(name);
  }

  /** Something is not what it was a moment ago: looks at it again. */
  #retry(name: ByteString): void {
    if (++this.#conflicts > patience) throw this.#changing(name);
    this.#removeOther(name);
  }

  #changing(name: ByteString): Fault {
    const path = this.#stack.pathOf(name);
    return new Fault('tree-changed', `${path} keeps changing while it is removed`, { path });
  }
}

/** Does `action` and says how it ended: `done`, or the code of an expected error. */
function attempt(action: () => void, ...expected: string[]): string {
  try {
    action();
    return 'done';
  } catch (error) {
    const code = expected.find((candidate) => isErrno(error, candidate));
    if (code === undefined) throw error;
    return code;
  }
}
