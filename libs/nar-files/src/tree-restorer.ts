/**
 * Makes a tree on disk from the calls of an archive's reader. Everything is made anew, by names relative to open
 * directories: what is there already, be it a symlink, makes it fail, and nothing outside the destination is touched.
 * Disk space is taken for bytes that came, never for a size that was only announced.
 */
import type { ByteString } from '@cooper/byte-string';
import type { NarSink } from '@cooper/nar';
import {
  close,
  fchmod,
  makeFileAt,
  mkdirat,
  O_CREAT,
  O_EXCL,
  O_WRONLY,
  openat,
  symlinkat,
  utimensat,
  write,
} from '@cooper/system-calls';
import { DirectoryStack } from './directory-stack.ts';
import { explain } from './failure.ts';
import { Anchor, type TreeLocation } from './location.ts';

/** Files up to this size are gathered and made in one go. In bytes. */
const smallSize = 64 * 1024;

/** Modes and times of what is made. */
export interface TreeMetadata {
  readonly file: number;
  readonly executable: number;
  readonly directory: number;
  /** The time of modification of everything, in seconds since 1970; the present where absent. */
  readonly seconds?: number;
}

/** As files in a build directory: writable by their owner. */
export const plainMetadata: TreeMetadata = { file: 0o644, executable: 0o755, directory: 0o755 };

/** As store items are: read-only, modified one second after the epoch. */
export const canonicalMetadata: TreeMetadata = { file: 0o444, executable: 0o555, directory: 0o555, seconds: 1 };

/**
 * A sink that makes the tree. Throws the fault `file-system-error` (`errorCode` EEXIST where something is there
 * already).
 *
 * It must be disposed of (`using`) in any case. When that happens before the archive is whole, what was made so far
 * stays, for the caller to remove.
 */
export class TreeRestorer implements NarSink, Disposable {
  readonly #anchor: Anchor;
  readonly #stack: DirectoryStack;
  readonly #metadata: TreeMetadata;
  #name: ByteString;
  #gathered = Buffer.alloc(0);
  #gatheredLength = 0;
  #isExecutable = false;
  /** The descriptor of a file that is written piece by piece. */
  #large: number | undefined;

  constructor(destination: TreeLocation, metadata: TreeMetadata) {
    this.#anchor = new Anchor(destination);
    this.#stack = new DirectoryStack(this.#anchor);
    this.#metadata = metadata;
    this.#name = this.#anchor.name;
  }

  directory(): void {
    this.#attempt(() => {
      mkdirat(this.#stack.current, this.#name, 0o700);
      this.#stack.enter(this.#name);
    });
  }

  entry(name: ByteString): void {
    this.#name = name;
  }

  leave(): void {
    this.#name = this.#stack.name;
    this.#attempt(() => {
      this.#finish(this.#stack.current, this.#metadata.directory);
      this.#stack.leave();
    });
  }

  file(executable: boolean, size: number | bigint): void {
    this.#isExecutable = executable;
    this.#gatheredLength = 0;
    if (size > smallSize) this.#attempt(() => this.#openLarge());
    else if (size > this.#gathered.length) this.#gathered = Buffer.allocUnsafeSlow(smallSize);
  }

  contents(chunk: Uint8Array): void {
    const large = this.#large;
    if (large !== undefined) this.#attempt(() => write(large, chunk));
    else {
      this.#gathered.set(chunk, this.#gatheredLength);
      this.#gatheredLength += chunk.length;
    }
  }

  endFile(): void {
    this.#attempt(() => (this.#large === undefined ? this.#makeSmall() : this.#endLarge(this.#large)));
  }

  symlink(target: ByteString): void {
    this.#attempt(() => {
      const directory = this.#stack.current;
      symlinkat(target, directory, this.#name);
      if (this.#metadata.seconds !== undefined) utimensat(directory, this.#name, this.#metadata.seconds);
    });
  }

  [Symbol.dispose](): void {
    if (this.#large !== undefined) close(this.#large);
    this.#large = undefined;
    this.#stack[Symbol.dispose]();
    this.#anchor[Symbol.dispose]();
  }

  get #fileMode(): number {
    return this.#isExecutable ? this.#metadata.executable : this.#metadata.file;
  }

  #makeSmall(): void {
    const contents = this.#gathered.subarray(0, this.#gatheredLength);
    const { seconds } = this.#metadata;
    makeFileAt(this.#stack.current, this.#name, {
      mode: this.#fileMode,
      contents,
      ...(seconds === undefined ? {} : { seconds }),
    });
  }

  #openLarge(): void {
    this.#large = openat(this.#stack.current, this.#name, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  }

  #endLarge(descriptor: number): void {
    this.#finish(descriptor, this.#fileMode);
    this.#large = undefined;
    close(descriptor);
  }

  #finish(descriptor: number, mode: number): void {
    fchmod(descriptor, mode);
    if (this.#metadata.seconds !== undefined) utimensat(descriptor, '', this.#metadata.seconds);
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw explain(error, 'cannot make', this.#stack.pathOf(this.#name));
    }
  }
}

/** A sink that makes a tree at `destination`, where nothing may be yet: see `TreeRestorer`. */
export function restoreTree(destination: TreeLocation, metadata: TreeMetadata = plainMetadata): TreeRestorer {
  return new TreeRestorer(destination, metadata);
}
