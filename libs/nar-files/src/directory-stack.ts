/**
 * The open directories from the top of a tree down to where an operation is. Descends by names relative to open
 * directories only, follows no symlink and crosses into no other mount.
 *
 * Of a deep tree only the innermost directories stay open; the others are opened again on the way up, through `..`, and
 * must then be the same as before (device and inode): a tree that somebody moves meanwhile is refused, not followed.
 * What is read of such a directory then starts at its beginning.
 */
import { type ByteString, toText } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import {
  close,
  fstat,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  openat2,
  RESOLVE_NO_XDEV,
} from '@cooper/system-calls';
import { isErrno } from './failure.ts';
import type { Anchor } from './location.ts';

/** How many directories of one tree are open at a time. */
const openLimit = 32;

const directoryFlags = O_RDONLY | O_DIRECTORY;

interface Level {
  readonly name: ByteString;
  /** -1 while closed. */
  descriptor: number;
  device: number;
  inode: bigint;
}

export class DirectoryStack implements Disposable {
  readonly #anchor: Anchor;
  readonly #levels: Level[] = [];

  constructor(anchor: Anchor) {
    this.#anchor = anchor;
  }

  /** How many directories of the tree we are in; 0 is the directory that holds the tree. */
  get depth(): number {
    return this.#levels.length;
  }

  /** The innermost directory. */
  get current(): number {
    return this.#levels.at(-1)?.descriptor ?? this.#anchor.directory;
  }

  /** The name of the innermost directory in the one above. */
  get name(): ByteString {
    return this.#levels.at(-1)?.name ?? this.#anchor.name;
  }

  /**
   * Opens the directory `name` in the innermost one, and goes into it. With a `handle` of it, that very directory is
   * entered, whatever has become of the name.
   */
  enter(name: ByteString, handle?: number): void {
    const descriptor = handle === undefined ? this.#open(name, directoryFlags) : openDirectory(handle, '.');
    this.#levels.push({ name, descriptor, device: 0, inode: 0n });
    const far = this.#levels[this.#levels.length - 1 - openLimit];
    if (far !== undefined && far.descriptor >= 0) closeLevel(far);
  }

  /** A handle (O_PATH) of the file `name`, of whatever type, in the innermost directory: for the caller to close. */
  handle(name: ByteString): number {
    return this.#open(name, O_PATH);
  }

  /** Goes back to the directory above. */
  leave(): void {
    const level = this.#levels.at(-1) as Level;
    const above = this.#levels.at(-2);
    if (above !== undefined && above.descriptor < 0) this.#reopen(above, level);
    this.#levels.pop();
    close(level.descriptor);
  }

  /** The path of an entry of the innermost directory for people, shortened in the middle where it is very long. */
  pathOf(name?: ByteString): string {
    const names = this.#levels.slice(1).map((level) => level.name);
    if (name !== undefined && this.depth > 0) names.push(name);
    const path = [this.#anchor.text, ...names.map(toText)].join('/');
    return path.length <= 1024 ? path : `${path.slice(0, 500)}…${path.slice(-500)}`;
  }

  [Symbol.dispose](): void {
    for (const level of this.#levels) if (level.descriptor >= 0) close(level.descriptor);
    this.#levels.length = 0;
  }

  #open(name: ByteString, flags: number): number {
    try {
      return openat2(this.current, name, { flags: flags | O_NOFOLLOW, resolve: RESOLVE_NO_XDEV });
    } catch (error) {
      if (!isErrno(error, 'EXDEV')) throw error;
      const path = this.pathOf(name);
      throw new Fault('mount-in-tree', `something is mounted on ${path}`, { path }, { cause: error });
    }
  }

  #reopen(above: Level, level: Level): void {
    const descriptor = openDirectory(level.descriptor, '..');
    const { device, inode } = fstat(descriptor);
    above.descriptor = descriptor;
    if (device === above.device && inode === above.inode) return;
    const path = this.pathOf();
    throw new Fault('tree-changed', `${path} was moved elsewhere while it was in use`, { path });
  }
}

function closeLevel(level: Level): void {
  const { device, inode } = fstat(level.descriptor);
  level.device = device;
  level.inode = inode;
  close(level.descriptor);
  level.descriptor = -1;
}

function openDirectory(directory: number, name: '.' | '..'): number {
  return openat2(directory, name, { flags: directoryFlags, resolve: RESOLVE_NO_XDEV });
}
