/**
 * Hashes modulo: the hash of a derivation in which each input derivation is named by *its* hash modulo instead of its
 * path, and a derivation with a fixed output by what it makes. So output paths do not change where only the way to
 * fetch the same thing changes.
 *
 * - fixed output: SHA-256 of `fixed:out:[r:]ALGORITHM:HASH:PATH`;
 * - else: SHA-256 of the derivation's text, inputs replaced. Two inputs with one hash become one, with the output names
 *   of both (as Nix and Guix's client have it; Guix's daemon keeps the names of one of them, a mistake).
 *
 * Each derivation is looked up, printed and hashed once in the life of a `HashModulo`, and each edge is followed once:
 * time is linear in the graph, whatever its shape, and depth costs heap, not stack.
 */
import { fromText } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { formatHash, type Hash, hashBytes } from '@cooper/hash';
import type { StorePath } from '@cooper/store-path';
import { type Derivation, type DerivationDraft, isFixedOutput } from './derivation.ts';
import { type PrintableDerivation, printDerivation } from './printer.ts';

/** Gives the derivation at a path. Throws where there is none; what it throws reaches the caller. */
export type DerivationLookup = (path: StorePath) => Derivation;

/** What is kept of a derivation that was seen. */
interface Known {
  /** Base16, as it stands for the path in the text of a dependent. */
  readonly hash: string;
  readonly outputs: ReadonlySet<string>;
}

/** A derivation some of whose inputs may still be unknown. */
interface Visit {
  readonly path: StorePath;
  readonly derivation: Derivation;
  readonly inputs: Iterator<StorePath>;
}

/**
 * Computes hashes modulo and remembers those of all input derivations, by path: what a store path stands for does not
 * change. That takes some hundred bytes for each.
 */
export class HashModulo {
  readonly #lookup: DerivationLookup;
  readonly #known = new Map<StorePath, Known>();

  constructor(lookup: DerivationLookup) {
    this.#lookup = lookup;
  }

  /** The hash that stands for the derivation at `path` in those that need it. SHA-256. */
  ofPath(path: StorePath): Hash {
    return { algorithm: 'sha256', digest: Buffer.from(this.#ofPath(path).hash, 'hex') };
  }

  /** The hash of a derivation that is at hand. SHA-256. Its inputs are looked up, unless its output is fixed. */
  ofDerivation(derivation: Derivation): Hash {
    const output = derivation.outputs.get('out');
    if (output === undefined || !isFixedOutput(derivation)) return this.#hash(derivation);
    return hashBytes('sha256', Buffer.from(`fixed:out:${output.hashAlgo}:${output.hash}:${output.path}`));
  }

  /**
   * The hash that output paths are made from: with the paths of its own outputs left blank, as fields and as variables
   * of the environment. SHA-256.
   */
  masked(derivation: DerivationDraft): Hash {
    const outputs = new Map<string, { path: string; hashAlgo: string; hash: string }>();
    const env = new Map(derivation.env);
    for (const [name, { hashAlgo, hash }] of derivation.outputs) {
      outputs.set(name, { path: '', hashAlgo, hash });
      env.set(fromText(name), fromText(''));
    }
    return this.#hash({ ...derivation, outputs, env });
  }

  #hash(derivation: PrintableDerivation & Pick<Derivation, 'inputDerivations'>): Hash {
    const inputDerivations = new Map<string, string[]>();
    for (const [path, names] of derivation.inputDerivations) {
      const { hash, outputs } = this.#ofPath(path);
      checkNames(path, names, outputs);
      const wanted = inputDerivations.get(hash) ?? [];
      for (const name of names) wanted.push(name);
      inputDerivations.set(hash, wanted);
    }
    return hashBytes('sha256', printDerivation({ ...derivation, inputDerivations }));
  }

  #ofPath(path: StorePath): Known {
    return this.#known.get(path) ?? this.#explore(path);
  }

  /** Learns `root` after all that it needs. */
  #explore(root: StorePath): Known {
    const visits: Visit[] = [];
    const open = new Set<StorePath>();
    const enter = (path: StorePath) => {
      if (open.has(path)) throw new Fault('invalid-derivation', `derivation \`${path}' depends on itself`, { path });
      visits.push(this.#visit(path));
      open.add(path);
    };
    enter(root);
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const input = this.#nextUnknown(visit);
      if (input !== undefined) enter(input);
      else {
        this.#learn(visit);
        open.delete(visit.path);
        visits.pop();
      }
    }
    return this.#ofPath(root);
  }

  #visit(path: StorePath): Visit {
    const derivation = this.#lookup(path);
    const inputs = isFixedOutput(derivation) ? [] : derivation.inputDerivations.keys();
    return { path, derivation, inputs: inputs[Symbol.iterator]() };
  }

  #nextUnknown({ inputs }: Visit): StorePath | undefined {
    for (let next = inputs.next(); !next.done; next = inputs.next()) {
      if (!this.#known.has(next.value)) return next.value;
    }
    return undefined;
  }

  #learn({ path, derivation }: Visit): void {
    const hash = formatHash(this.ofDerivation(derivation), 'base16');
    this.#known.set(path, { hash, outputs: new Set(derivation.outputs.keys()) });
  }
}

/** The hash modulo of `derivation`, for once. For many derivations of one graph, keep a `HashModulo`. */
export function hashDerivationModulo(derivation: Derivation, lookup: DerivationLookup): Hash {
  return new HashModulo(lookup).ofDerivation(derivation);
}

function checkNames(path: StorePath, names: readonly string[], outputs: ReadonlySet<string>): void {
  const unknown = names.find((name) => !outputs.has(name));
  if (unknown === undefined) return;
  const message = `input derivation \`${path}' has no output called \`${unknown}'`;
  throw new Fault('invalid-derivation', message, { input: path, output: unknown });
}
