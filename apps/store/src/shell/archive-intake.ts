/** An archive on its way in: restored into staging while it is hashed. */
import type { Socket } from 'node:net';
import { Fault } from '@cooper/fault';
import { createHasher, formatPrefixedHash, type Hash, type HashAlgorithm, type Hasher } from '@cooper/hash';
import { NarReader, type NarSink } from '@cooper/nar';
import { TreeRestorer } from '@cooper/nar-files';

export interface Intake {
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

/** Restores an archive to `destination`, in pieces of any size. */
export class ArchiveIntake {
  readonly #reader: NarReader;
  readonly #narHash = createHasher('sha256');
  readonly #content: Hasher;
  readonly #recursive: boolean;
  #size = 0;

  constructor(destination: string, { algorithm, recursive }: ContentHash) {
    this.#recursive = recursive;
    this.#content = createHasher(algorithm);
    const tree = new TreeRestorer(destination);
    this.#reader = new NarReader(recursive ? tree : oneFile(tree, this.#content));
  }

  get isWhole(): boolean {
    return this.#reader.isWhole;
  }

  /** Takes bytes up to the end of the archive; gives how many it has taken. */
  take(chunk: Uint8Array): number {
    const taken = this.#reader.read(chunk);
    const part = chunk.subarray(0, taken);
    this.#narHash.update(part);
    if (this.#recursive) this.#content.update(part);
    this.#size += taken;
    return taken;
  }

  /** The archive is over. Throws the fault `invalid-nar` when it is not whole. */
  finish(): Intake {
    this.#reader.end();
    return {
      narHash: formatPrefixedHash(this.#narHash.digest(), 'base16'),
      narSize: this.#size,
      contentHash: this.#content.digest(),
    };
  }
}

/** Reads a whole archive, and nothing behind it, from `socket`. */
export async function takeArchive(socket: Socket, destination: string, content: ContentHash): Promise<Intake> {
  const intake = new ArchiveIntake(destination, content);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    if (intake.take(chunk) < chunk.length) throw new Fault('invalid-nar', 'invalid archive: bytes after its end');
  }
  return intake.finish();
}

/** Lets through one regular file that is not executable, and hashes its contents. */
function oneFile(tree: NarSink, hasher: Hasher): NarSink {
  const refuse = (what: string) => (): never => {
    throw new Fault(
      'not-a-regular-file',
      `the contents are hashed flat, so the item must be a regular file, not ${what}`,
    );
  };
  return {
    ...{
      directory: refuse('a directory'),
      entry: refuse('a directory'),
      leave: refuse('a directory'),
      symlink: refuse('a symlink'),
    },
    file: (executable, size) => (executable ? refuse('an executable')() : tree.file(false, size)),
    contents: (chunk) => {
      hasher.update(chunk);
      tree.contents(chunk);
    },
    endFile: () => tree.endFile(),
  };
}
