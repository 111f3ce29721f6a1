/** Visits the files of a tree, each by a handle of the very file: a directory before what is in it. */
import type { ByteString } from '@cooper/byte-string';
import { close, type DirectoryEntry, type FileStatus, fstat, readDirectory } from '@cooper/system-calls';
import type { DirectoryStack } from './directory-stack.ts';

/** How many entries are visited in one step. */
const stepSize = 128;

/** The entries of a directory, of which those before `next` are done. */
interface Listing {
  readonly entries: readonly DirectoryEntry[];
  next: number;
}

/** What is done to the file called `name` in the innermost directory. False: what is in it is passed over. */
export type Visitor = (name: ByteString, handle: number, status: FileStatus) => boolean;

export class TreeVisit {
  readonly #stack: DirectoryStack;
  readonly #visitor: Visitor;
  readonly #listings: Listing[] = [];
  /** What is being done in the innermost directory is done to this entry, or to the directory itself. */
  #entry: ByteString | undefined;

  constructor(stack: DirectoryStack, visitor: Visitor) {
    this.#stack = stack;
    this.#visitor = visitor;
  }

  /** Where the visit is, for people. */
  get place(): string {
    return this.#stack.pathOf(this.#entry);
  }

  /** Begins with the file itself. By a mere handle: a FIFO is not waited for, a device not touched. */
  visit(name: ByteString): void {
    this.#entry = name;
    const handle = this.#stack.handle(name);
    try {
      const status = fstat(handle);
      if (this.#visitor(name, handle, status) && status.type === 'directory') this.enter(name, handle);
    } finally {
      close(handle);
    }
  }

  /** Begins with what is in the directory. */
  enter(name: ByteString, handle?: number): void {
    this.#stack.enter(name, handle);
    this.#entry = undefined;
    this.#listings.push({ entries: readDirectory(this.#stack.current), next: 0 });
  }

  /** Visits the rest, step by step. */
  *rest(): Generator<void, void, void> {
    for (let count = 1; this.#listings.length > 0; count++) {
      this.#visitNext();
      if (count % stepSize === 0) yield;
    }
  }

  #visitNext(): void {
    const listing = this.#listings.at(-1) as Listing;
    const entry = listing.entries[listing.next++];
    if (entry !== undefined) this.visit(entry.name);
    else {
      this.#entry = undefined;
      this.#listings.pop();
      this.#stack.leave();
    }
  }
}
