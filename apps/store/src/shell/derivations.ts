/** The derivations of the store, parsed and checked, the ones used last kept in memory. */
import { readFileSync } from 'node:fs';
import { checkDerivation, type Derivation, HashModulo, parseDerivation } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';

/** How many parsed derivations are kept: the graph that is being added or built now. */
const kept = 2000;

export class Derivations {
  readonly #storeDir: string;
  readonly #parsed = new Map<StorePath, Derivation>();
  readonly #hashModulo: HashModulo;
  #fresh: ReadonlyMap<StorePath, Derivation> = new Map();

  constructor(storeDir: string) {
    this.#storeDir = storeDir;
    this.#hashModulo = new HashModulo((path) => this.read(path));
  }

  /** The derivation at the valid path `path`. Throws the fault `invalid-derivation`, also when it cannot be read. */
  read(path: StorePath): Derivation {
    const known = this.#fresh.get(path) ?? this.#parsed.get(path);
    if (known !== undefined) return known;
    const derivation = parseDerivation(this.contents(path), { storeDir: this.#storeDir, path });
    this.#remember(path, derivation);
    return derivation;
  }

  contents(path: StorePath): Buffer {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new Fault(
        'invalid-derivation',
        `cannot read the derivation \`${path}': ${(error as Error).message}`,
        { path },
        { cause: error },
      );
    }
  }

  /** Checks derivations that are about to be added, each against those before it and those in the store. */
  checkNew(fresh: ReadonlyMap<StorePath, Derivation>): void {
    this.#fresh = fresh;
    try {
      for (const [path, derivation] of fresh) this.#check(path, derivation);
    } finally {
      this.#fresh = new Map();
    }
    for (const [path, derivation] of fresh) this.#remember(path, derivation);
  }

  #remember(path: StorePath, derivation: Derivation): void {
    this.#parsed.set(path, derivation);
    if (this.#parsed.size <= kept) return;
    const [oldest] = this.#parsed.keys();
    if (oldest !== undefined) this.#parsed.delete(oldest);
  }

  /** Throws what checkDerivation of @cooper/derivation throws. */
  #check(path: StorePath, derivation: Derivation): void {
    checkDerivation(derivation, { storeDir: this.#storeDir, path, hashModulo: this.#hashModulo });
  }
}
