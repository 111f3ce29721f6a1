/** The derivations of the store, parsed and checked. Those used last are kept in memory. */
import {
  checkDerivation,
  type Derivation,
  derivationReferences,
  HashModulo,
  parseDerivation,
} from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import { close, fstatat, readFileAt } from '@cooper/system-calls';
import type { Paths } from './paths.ts';
import type { Location, StoreDirectory } from './store-directory.ts';

/** How many parsed derivations are kept: the graph that is being added or built now. */
const kept = 2000;

/** How many hashes modulo are kept, each some hundred bytes. */
const keptHashes = 100_000;

/** The derivations that are about to be added together, by path. */
export type FreshDerivations = ReadonlyMap<StorePath, Derivation>;

export class Derivations {
  readonly #store: StoreDirectory;
  readonly #paths: Paths;
  readonly #parsed = new Map<StorePath, Derivation>();
  #hashModulo: HashModulo;
  #hashes = 0;
  #fresh: FreshDerivations = new Map();

  constructor(store: StoreDirectory, paths: Paths) {
    this.#store = store;
    this.#paths = paths;
    this.#hashModulo = this.#makeHashModulo();
  }

  /** The derivation at `path`. Throws the fault `path-not-valid`, and `invalid-derivation` where its file is none. */
  read(path: StorePath): Derivation {
    if (!this.#paths.isValid(path)) throw new Fault('path-not-valid', `derivation \`${path}' is not valid`, { path });
    const known = this.#parsed.get(path);
    if (known !== undefined) return known;
    const derivation = this.parse(path, this.contents(path));
    this.#remember(path, derivation);
    return derivation;
  }

  parse(path: StorePath, contents: Uint8Array): Derivation {
    return parseDerivation(contents, { storeDir: this.#store.path, path });
  }

  /** The bytes of the file at `path`, in a fresh buffer. */
  contents(path: StorePath): Buffer {
    return this.contentsAt(this.#store.locate(path), path);
  }

  /** The same for a derivation that is not in its place yet. */
  contentsAt(location: Location, path: StorePath): Buffer {
    const contents = readRegularFile(location);
    if (contents !== undefined) return contents;
    const message = `derivation \`${path}' is not a regular file, or changes while it is read`;
    throw new Fault('invalid-derivation', message, { path });
  }

  /**
   * Checks a derivation that is to be added: that its outputs have the paths that follow from it, and that `references`
   * are what it refers to. Its inputs are valid, or among `fresh`. Throws what `checkDerivation` throws, and the fault
   * `invalid-derivation`.
   */
  check(path: StorePath, derivation: Derivation, given: { references: readonly StorePath[]; fresh: FreshDerivations }) {
    checkReferences(path, derivation, given.references);
    if (this.#hashes > keptHashes) this.#hashModulo = this.#makeHashModulo();
    this.#fresh = given.fresh;
    try {
      checkDerivation(derivation, { storeDir: this.#store.path, path, hashModulo: this.#hashModulo });
    } finally {
      this.#fresh = new Map();
    }
  }

  #makeHashModulo(): HashModulo {
    this.#hashes = 0;
    return new HashModulo((path) => {
      this.#hashes++;
      return this.#fresh.get(path) ?? this.read(path);
    });
  }

  #remember(path: StorePath, derivation: Derivation): void {
    this.#parsed.set(path, derivation);
    if (this.#parsed.size <= kept) return;
    const [oldest] = this.#parsed.keys();
    if (oldest !== undefined) this.#parsed.delete(oldest);
  }
}

/** The reference believes what it is told of a derivation's references; here they must be what the derivation says. */
function checkReferences(path: StorePath, derivation: Derivation, given: readonly StorePath[]): void {
  const said = new Set(given);
  const needed = derivationReferences(derivation);
  const missing = needed.find((reference) => !said.delete(reference));
  const [surplus] = said;
  if (missing === undefined && surplus === undefined) return;
  const message =
    missing === undefined
      ? `derivation \`${path}' does not need \`${surplus}', which is among its references`
      : `derivation \`${path}' needs \`${missing}', which is not among its references`;
  throw new Fault('invalid-derivation', message, { path, reference: missing ?? surplus });
}

/** The bytes of a regular file; nothing where it is none. */
function readRegularFile({ directory, name }: Location): Buffer | undefined {
  const { type, size } = fstatat(directory, name);
  if (type !== 'regular') return undefined;
  // One byte more than the file has: a file that fills the room is left open instead of read.
  const room = Buffer.allocUnsafe(size + 1);
  const file = readFileAt(directory, name, room);
  if (file.kind === 'small') return file.length === size ? room.subarray(0, size) : undefined;
  close(file.descriptor);
  return undefined;
}
