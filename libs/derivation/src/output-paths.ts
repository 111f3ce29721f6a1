/**
 * Where the outputs of a derivation go: computed from the derivation, never chosen.
 */
import { fromText } from '@cooper/byte-string';
import { hashBytes, parseHash } from '@cooper/hash';
import { makeFixedOutputPath, makeOutputPath, makeTextPath, type StorePath } from '@cooper/store-path';
import {
  type Derivation,
  type DerivationDraft,
  type DerivationOutput,
  derivationReferences,
  isFixedOutput,
} from './derivation.ts';
import { parseHashMethod } from './field-rules.ts';
import type { HashModulo } from './hash-modulo.ts';
import { printDerivation } from './printer.ts';

/** A derivation and what its output paths depend on besides. */
export interface NamedDerivation {
  readonly storeDir: string;
  /** The name, without `.drv`. */
  readonly name: string;
  readonly derivation: DerivationDraft;
  /** Knows the input derivations. */
  readonly hashModulo: HashModulo;
}

/**
 * The path of each output, by name. Output paths that the derivation has already, in its fields or its environment, do
 * not count. Throws faults `invalid-store-name`, `invalid-hash` for a draft with a malformed fixed hash, and those of
 * the lookup of input derivations.
 */
export function computeOutputPaths(named: NamedDerivation): Map<string, StorePath> {
  const { storeDir, name, derivation } = named;
  if (isFixedOutput(derivation)) return new Map([['out', fixedOutputPath(named)]]);
  const hashModulo = named.hashModulo.masked(derivation);
  const paths = new Map<string, StorePath>();
  for (const output of derivation.outputs.keys()) {
    paths.set(output, makeOutputPath({ storeDir, name, output, hashModulo }));
  }
  return paths;
}

/** The derivation with its output paths computed and put in: as fields, and as variables of the environment. */
export function completeDerivation(named: NamedDerivation): Derivation {
  const { derivation } = named;
  const outputs = new Map<string, DerivationOutput>();
  const env = new Map(derivation.env);
  for (const [name, path] of computeOutputPaths(named)) {
    outputs.set(name, { hashAlgo: '', hash: '', ...derivation.outputs.get(name), path });
    env.set(fromText(name), path);
  }
  return { ...derivation, outputs, env };
}

/** The path of the derivation itself: that of a text called `NAME.drv`, with the references it has. */
export function computeDerivationPath(storeDir: string, name: string, derivation: Derivation): StorePath {
  const contentsHash = hashBytes('sha256', printDerivation(derivation));
  const references = derivationReferences(derivation);
  return makeTextPath({ storeDir, name: `${name}.drv`, contentsHash, references });
}

function fixedOutputPath({ storeDir, name, derivation }: NamedDerivation): StorePath {
  const { hashAlgo = '', hash = '' } = derivation.outputs.get('out') ?? {};
  const { recursive, algorithm } = parseHashMethod(hashAlgo);
  return makeFixedOutputPath({ storeDir, name, recursive, hash: parseHash(`${algorithm}:${hash}`) });
}
