/**
 * Tells a sink what a tree holds, in the order of archives: the one way by which trees are dumped, hashed and copied.
 *
 * Memory is that of the names in the directories from the top down to the current place. Files are opened without
 * following symlinks or waiting for FIFOs. A file that does not have the size it had when opened is refused.
 */
import { type ByteString, compareBytes } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { maxDepth, type NarSink } from '@cooper/nar';
import {
  close,
  type DirectoryEntry,
  type FileType,
  fstat,
  fstatat,
  type OpenFile,
  read,
  readDirectory,
  readFileAt,
  readlinkat,
} from '@cooper/system-calls';
import { DirectoryStack } from './directory-stack.ts';
import { explain, suspiciousOwnership, tooDeep, unsupportedType } from './failure.ts';
import { Anchor, type TreeLocation } from './location.ts';

/** Files smaller than this are read in one go; larger ones in pieces of this size. In bytes. */
const pieceSize = 256 * 1024;
const firstRoom = 4096;

export interface WalkOptions {
  /** Who must own everything in the tree; the fault `suspicious-ownership` names what is someone else's. */
  readonly ownerUid?: number;
}

/** What is left of a directory that is being walked. */
interface Listing {
  readonly entries: readonly DirectoryEntry[];
  next: number;
}

/**
 * Walks the tree at `location`, calling `sink` with each node. Contents lie in a buffer that is used again: whoever
 * keeps them must take them before the next step. Throws the faults `unsupported-file-type`, `tree-too-deep`,
 * `file-changed`, `tree-changed`, `mount-in-tree`, `suspicious-ownership` and `file-system-error`.
 */
export function* walkTree(
  location: TreeLocation,
  sink: NarSink,
  options: WalkOptions = {},
): Generator<void, void, void> {
  using anchor = new Anchor(location);
  using stack = new DirectoryStack(anchor);
  yield* new TreeWalk(stack, sink, options).run(anchor.name);
}

class TreeWalk {
  readonly #stack: DirectoryStack;
  readonly #sink: NarSink;
  readonly #ownerUid: number | undefined;
  /** Small until a file comes that needs more: most trees that are walked are small. */
  #room = Buffer.allocUnsafeSlow(firstRoom);
  readonly #listings: Listing[] = [];
  /** What is being done in the innermost directory is done to this entry, or to the directory itself. */
  #entry: ByteString | undefined;

  constructor(stack: DirectoryStack, sink: NarSink, options: WalkOptions) {
    this.#stack = stack;
    this.#sink = sink;
    this.#ownerUid = options.ownerUid;
  }

  *run(top: ByteString): Generator<void, void, void> {
    try {
      yield* this.#node({ name: top, type: 'unknown' });
      for (let listing = this.#listings.at(-1); listing !== undefined; listing = this.#listings.at(-1)) {
        const entry = listing.entries[listing.next++];
        if (entry === undefined) this.#leave();
        else {
          this.#sink.entry(entry.name);
          yield* this.#node(entry);
        }
      }
    } catch (error) {
      throw explain(error, 'cannot read', this.#stack.pathOf(this.#entry));
    }
  }

  *#node(entry: DirectoryEntry): Generator<void, void, void> {
    this.#entry = entry.name;
    const large = this.#visit(entry.name, entry.type);
    if (large === undefined) yield;
    else yield* this.#largeFile(entry.name, large);
  }

  /** Tells the sink of a node, unless it is a file that takes several steps: that is given back. */
  #visit(name: ByteString, type: FileType): OpenFile | undefined {
    switch (type) {
      case 'regular':
        return this.#file(name);
      case 'directory':
        return void this.#enter(name);
      case 'symlink':
        return void this.#symlink(name);
      case 'unknown':
        return this.#visitUnknown(name);
      default:
        throw unsupportedType(this.#stack.pathOf(name), type);
    }
  }

  /** The top of the tree, and entries on file systems that keep no types in directories. */
  #visitUnknown(name: ByteString): OpenFile | undefined {
    const { type } = fstatat(this.#stack.current, name);
    if (type === 'unknown') throw unsupportedType(this.#stack.pathOf(name), type);
    return this.#visit(name, type);
  }

  #enter(name: ByteString): void {
    if (this.#stack.depth >= maxDepth) throw tooDeep(this.#stack.pathOf(name));
    this.#stack.enter(name);
    this.#entry = undefined;
    const directory = this.#stack.current;
    if (this.#ownerUid !== undefined) this.#checkOwner(fstat(directory).user, undefined);
    const entries = readDirectory(directory).sort((a, b) => compareBytes(a.name, b.name));
    this.#listings.push({ entries, next: 0 });
    this.#sink.directory();
  }

  #leave(): void {
    this.#entry = undefined;
    this.#listings.pop();
    this.#stack.leave();
    this.#sink.leave();
  }

  #symlink(name: ByteString): void {
    const directory = this.#stack.current;
    if (this.#ownerUid !== undefined) this.#checkOwner(fstatat(directory, name).user, name);
    this.#sink.symlink(readlinkat(directory, name));
  }

  #file(name: ByteString): OpenFile | undefined {
    const file = readFileAt(this.#stack.current, name, this.#room);
    if (file.kind === 'open') return file;
    this.#checkOwner(file.user, name);
    if (file.length !== file.size) throw this.#changed(name);
    this.#sink.file(isExecutable(file.mode), file.size);
    if (file.size > 0) this.#sink.contents(this.#room.subarray(0, file.size));
    this.#sink.endFile();
    return undefined;
  }

  *#largeFile(name: ByteString, { descriptor, status }: OpenFile): Generator<void, void, void> {
    try {
      if (status.type !== 'regular') throw this.#changed(name);
      this.#checkOwner(status.user, name);
      this.#sink.file(isExecutable(status.mode), status.size);
      this.#makeRoom(status.size);
      for (let left = status.size; left > 0; ) {
        const length = read(descriptor, this.#room.subarray(0, left));
        if (length === 0) throw this.#changed(name);
        this.#sink.contents(this.#room.subarray(0, length));
        left -= length;
        yield;
      }
      if (read(descriptor, this.#room.subarray(0, 1)) > 0) throw this.#changed(name);
      this.#sink.endFile();
    } finally {
      close(descriptor);
    }
  }

  #makeRoom(size: number): void {
    let room = this.#room.length;
    while (room < pieceSize && room < size) room *= 2;
    if (room > this.#room.length) this.#room = Buffer.allocUnsafeSlow(room);
  }

  #checkOwner(user: number, name: ByteString | undefined): void {
    if (this.#ownerUid === undefined || user === this.#ownerUid) return;
    throw suspiciousOwnership(this.#stack.pathOf(name), user, this.#ownerUid);
  }

  #changed(name: ByteString): Fault {
    const path = this.#stack.pathOf(name);
    return new Fault('file-changed', `${path} changed while it was read`, { path });
  }
}

/** What counts as executable in an archive: the permission of the owner, no other. */
export function isExecutable(mode: number): boolean {
  return (mode & 0o100) !== 0;
}
