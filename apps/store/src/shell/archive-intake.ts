/** An archive on its way in: restored into staging, in canonical form, while it is hashed. */
import type { Socket } from 'node:net';
import { lentPieces } from '@cooper/bulk';
import { Fault } from '@cooper/fault';
import { createHasher, formatPrefixedHash, type Hash, type HashAlgorithm, type Hasher } from '@cooper/hash';
import { NarReader, type NarSink, NarWriter } from '@cooper/nar';
import { canonicalMetadata, restoreTree, type TreeLocation, type TreeRestorer } from '@cooper/nar-files';

export interface Intake {
  /** Of what was restored, as the database has it. */
  readonly narHash: string;
  readonly narSize: number;
  /** The hash that was asked for: of the archive, or of the contents of the one file in it. */
  readonly contentHash: Hash;
}

/** What is hashed besides the archive itself. */
export interface ContentHash {
  readonly algorithm: HashAlgorithm;
  /** Of the archive; else of the contents of the one regular file that it must be. */
  readonly recursive: boolean;
}

/** Restores an archive to `destination`, from pieces of any size. */
export class ArchiveIntake implements Disposable {
  readonly #tree: TreeRestorer;
  readonly #reader: NarReader;
  readonly #nar = createHasher('sha256');
  /** Absent where the hash that is asked for is that of the archive anyway. */
  readonly #content: Hasher | undefined;
  readonly #recursive: boolean;
  #size = 0;

  constructor(destination: TreeLocation, { algorithm, recursive }: ContentHash) {
    this.#recursive = recursive;
    this.#content = recursive && algorithm === 'sha256' ? undefined : createHasher(algorithm);
    this.#tree = restoreTree(destination, canonicalMetadata);
    this.#reader = new NarReader(recursive ? this.#tree : this.#oneFile());
  }

  get isWhole(): boolean {
    return this.#reader.isWhole;
  }

  /** A hasher that has seen the archive so far, to go on with what is signed together with it. */
  get hasher(): Hasher {
    return this.#nar.copy();
  }

  /** Takes bytes up to the end of the archive; gives how many it has taken. */
  take(chunk: Uint8Array): number {
    const taken = this.#reader.read(chunk);
    if (this.#recursive) {
      const part = chunk.subarray(0, taken);
      this.#hash(part);
      this.#content?.update(part);
    }
    return taken;
  }

  /** The archive is over. Throws the fault `invalid-nar` when it is not whole. */
  finish(): Intake {
    this.#reader.end();
    const hash = this.#nar.copy().digest();
    const contentHash = this.#content?.digest() ?? hash;
    return { narHash: formatPrefixedHash(hash, 'base16'), narSize: this.#size, contentHash };
  }

  [Symbol.dispose](): void {
    this.#tree[Symbol.dispose]();
  }

  #hash(part: Uint8Array): void {
    this.#nar.update(part);
    this.#size += part.length;
  }

  /**
   * Lets through one regular file. Whether it is executable is no part of a flat hash: it becomes one that is not, as in
   * the reference, and the archive that is registered is that of the file as it lies in the store.
   */
  #oneFile(): NarSink {
    const writer = new NarWriter((piece) => this.#hash(piece));
    const refuse = (): never => {
      throw new Fault('not-a-regular-file', 'a flat hash is that of a regular file, which this archive is not');
    };
    return {
      directory: refuse,
      entry: refuse,
      leave: refuse,
      symlink: refuse,
      file: (_executable, size) => {
        writer.file(false, size);
        this.#tree.file(false, size);
      },
      contents: (chunk) => {
        this.#content?.update(chunk);
        writer.contents(chunk);
        this.#tree.contents(chunk);
      },
      endFile: () => {
        writer.endFile();
        writer.flush();
        this.#tree.endFile();
      },
    };
  }
}

/** Reads a whole archive, and nothing behind it, from `socket`. */
export async function takeArchive(socket: Socket, destination: TreeLocation, content: ContentHash): Promise<Intake> {
  using intake = new ArchiveIntake(destination, content);
  for await (const chunk of lentPieces<Buffer>(socket)) {
    if (intake.take(chunk) < chunk.length) throw new Fault('invalid-nar', 'invalid archive: bytes after its end');
  }
  return intake.finish();
}
