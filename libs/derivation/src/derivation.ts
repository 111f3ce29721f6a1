/**
 * Derivations: what a build is made from, what it runs and what it makes, as a value.
 *
 * Strings are byte strings, since builders, arguments and environments may hold any bytes; names and paths are ASCII.
 * Maps and lists are in the order of their bytes, without duplicates, when a derivation comes from this package.
 */
import { type ByteString, compareBytes } from '@cooper/byte-string';
import type { StorePath } from '@cooper/store-path';
import { isDerivationPath, storePathName } from '@cooper/store-path';

/** One output. Both hash fields are empty, or, for a fixed output, both are set. */
export interface DerivationOutput {
  readonly path: StorePath;
  /** `sha256`: of the bytes of the output, one plain file; `r:sha256`: of its NAR. Other algorithms likewise. */
  readonly hashAlgo: string;
  /** The expected hash, lower-case base16. */
  readonly hash: string;
}

/** A derivation, as its file in the store says it. */
export interface Derivation {
  /** By name; never empty. A fixed output is the only one, and its name is `out`. */
  readonly outputs: ReadonlyMap<string, DerivationOutput>;
  /** The derivations whose outputs the build needs, and the names of these outputs. */
  readonly inputDerivations: ReadonlyMap<StorePath, readonly string[]>;
  /** The store items that the build needs as they are. */
  readonly inputSources: readonly StorePath[];
  /** The platform, such as `x86_64-linux`. */
  readonly system: ByteString;
  /** The program to run, or `builtin:NAME`. */
  readonly builder: ByteString;
  /** Its arguments, without the zeroth. */
  readonly args: readonly ByteString[];
  readonly env: ReadonlyMap<ByteString, ByteString>;
}

/** A derivation whose output paths are not known yet. Every derivation is one, too. */
export interface DerivationDraft extends Omit<Derivation, 'outputs'> {
  readonly outputs: ReadonlyMap<string, Omit<DerivationOutput, 'path'>>;
}

/** True when the output is known by its hash, so that its path depends on nothing else. */
export function isFixedOutput(derivation: DerivationDraft): boolean {
  return derivation.outputs.size === 1 && (derivation.outputs.get('out')?.hash ?? '') !== '';
}

/** What the file of the derivation refers to: its input sources and input derivations, in the order of their bytes. */
export function derivationReferences(derivation: DerivationDraft): StorePath[] {
  return [...new Set([...derivation.inputSources, ...derivation.inputDerivations.keys()])].sort(compareBytes);
}

/** The name of the derivation at `path`: `hello-2.12` for `…-hello-2.12.drv`. Throws for other paths, a bug. */
export function derivationName(path: StorePath): string {
  if (!isDerivationPath(path)) throw new Error(`${path} is not the path of a derivation`);
  return storePathName(path).slice(0, -'.drv'.length);
}
