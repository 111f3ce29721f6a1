/**
 * Gives what is in a directory from one user to another, never to root. What was put there to trick whoever does that stays
 * as it is: links are changed themselves, not what they point to; nothing but directories is opened; files that are not the
 * first user's are left alone; bits that would let others act as the second go first.
 */
import type { ByteString } from '@cooper/byte-string';
import {
  close,
  type DirectoryEntry,
  type FileStatus,
  fchmod,
  fchownat,
  fstat,
  readDirectory,
} from '@cooper/system-calls';
import { DirectoryStack } from './directory-stack.ts';
import { explain } from './failure.ts';
import { Anchor, type TreeLocation } from './location.ts';

export interface HandOver {
  /** The owner of what is given; absent: whoever. */
  readonly from: number | undefined;
  readonly uid: number;
  /** 0 leaves the group. */
  readonly gid: number;
}

/** Permissions without the bits that change who a program runs as. */
const harmless = 0o0777;

/** How many entries are done in one step. */
const stepSize = 128;

interface Listing {
  readonly entries: readonly DirectoryEntry[];
  next: number;
}

/**
 * Gives over what is in the directory at `location`, step by step, at any depth. Nobody but us may be able to enter it
 * meanwhile. Throws the faults `mount-in-tree`, `tree-changed` and `file-system-error`.
 */
export function* treeHandOver(location: TreeLocation, to: HandOver): Generator<void, void, void> {
  using anchor = new Anchor(location);
  using stack = new DirectoryStack(anchor);
  yield* new TreeHandOver(stack, to).run(anchor.name);
}

class TreeHandOver {
  readonly #stack: DirectoryStack;
  readonly #to: HandOver;
  readonly #owner: { readonly user: number; readonly group: number };
  readonly #listings: Listing[] = [];
  #entry: ByteString | undefined;

  constructor(stack: DirectoryStack, to: HandOver) {
    this.#stack = stack;
    this.#to = to;
    this.#owner = { user: to.uid, group: to.gid === 0 ? -1 : to.gid };
  }

  *run(top: ByteString): Generator<void, void, void> {
    try {
      this.#enter(top);
      for (let count = 1; this.#listings.length > 0; count++) {
        this.#visitNext();
        if (count % stepSize === 0) yield;
      }
    } catch (error) {
      throw explain(error, 'cannot give away', this.#stack.pathOf(this.#entry));
    }
  }

  #enter(name: ByteString, handle?: number): void {
    this.#stack.enter(name, handle);
    this.#entry = undefined;
    this.#listings.push({ entries: readDirectory(this.#stack.current), next: 0 });
  }

  #visitNext(): void {
    const listing = this.#listings.at(-1) as Listing;
    const entry = listing.entries[listing.next++];
    if (entry !== undefined) this.#visit(entry.name);
    else {
      this.#entry = undefined;
      this.#listings.pop();
      this.#stack.leave();
    }
  }

  /** By a mere handle: a FIFO is not waited for, a device not touched. */
  #visit(name: ByteString): void {
    this.#entry = name;
    const handle = this.#stack.handle(name);
    try {
      const status = fstat(handle);
      if (this.#to.from !== undefined && status.user !== this.#to.from) return;
      this.#give(handle, status);
      if (status.type === 'directory') this.#enter(name, handle);
    } finally {
      close(handle);
    }
  }

  #give(handle: number, { type, mode }: FileStatus): void {
    if (type !== 'symlink' && (mode & ~harmless & 0o7777) !== 0) fchmod(handle, mode & harmless);
    fchownat(handle, '', this.#owner);
  }
}
