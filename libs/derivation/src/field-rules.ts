/**
 * The rules that the fields of a derivation keep, whatever form it is read from.
 *
 * Experimental derivations of Nix, whose output paths are not known before they are built (floating, deferred, impure),
 * are refused with a code of their own, since they are well-formed elsewhere.
 */
import { Fault } from '@cooper/fault';
import { digestSize, isHashAlgorithm } from '@cooper/hash';
import { checkStoreName, isDerivationPath, parseStorePath, type StorePath } from '@cooper/store-path';
import type { DerivationOutput } from './derivation.ts';

/** An output as it was read. */
export interface OutputFields {
  readonly name: string;
  readonly path: string;
  readonly hashAlgo: string;
  readonly hash: string;
}

/** A `hashAlgo` field, taken apart. */
export interface HashMethod {
  /** True when the hash is of the output's NAR (`r:`), false when of the bytes of its one file. */
  readonly recursive: boolean;
  readonly algorithm: string;
}

/** Takes `r:sha256` apart. The algorithm is not checked. */
export function parseHashMethod(hashAlgo: string): HashMethod {
  const recursive = hashAlgo.startsWith('r:');
  return { recursive, algorithm: recursive ? hashAlgo.slice(2) : hashAlgo };
}

/** The output that the fields say. Throws faults `invalid-derivation`, `unsupported-derivation` and those of names and paths. */
export function makeOutput(storeDir: string, fields: OutputFields): DerivationOutput {
  const { name, path, hashAlgo, hash } = fields;
  checkStoreName(name);
  checkPathIsKnown(fields);
  if (hash !== '') checkFixedHash(fields);
  return { path: parseStorePath(storeDir, path), hashAlgo, hash };
}

/** Checks what holds between outputs. Throws a fault `invalid-derivation`. */
export function checkOutputs(outputs: ReadonlyMap<string, DerivationOutput>): void {
  for (const [name, { hash }] of outputs) {
    if (hash === '' || (outputs.size === 1 && name === 'out')) continue;
    const reason = `output \`${name}' has a fixed hash, but only a single output called \`out' may have one`;
    throw new Fault('invalid-derivation', reason, { output: name });
  }
}

/** The path of an input derivation. Throws faults `invalid-store-path`, and `invalid-derivation` for other items. */
export function parseInputDerivation(storeDir: string, text: string): StorePath {
  const path = parseStorePath(storeDir, text);
  if (isDerivationPath(path)) return path;
  throw new Fault('invalid-derivation', `input derivation \`${path}' does not end in .drv`, { input: path });
}

function checkPathIsKnown({ name, path, hashAlgo, hash }: OutputFields): void {
  const known = path !== '' && hash !== 'impure' && (hashAlgo === '' || hash !== '');
  if (known) return;
  const reason = `the path of output \`${name}' is known after the build only (floating, deferred or impure)`;
  throw new Fault('unsupported-derivation', `${reason}, which is not supported`, { output: name });
}

function checkFixedHash({ name, hashAlgo, hash }: OutputFields): void {
  const { algorithm } = parseHashMethod(hashAlgo);
  if (!isHashAlgorithm(algorithm)) {
    throw new Fault('invalid-derivation', `unknown hash algorithm \`${algorithm}'`, { output: name, algorithm });
  }
  const digits = digestSize(algorithm) * 2;
  if (hash.length === digits && /^[0-9a-f]+$/.test(hash)) return;
  const reason = `the hash of output \`${name}' is not ${digits} lower-case hexadecimal digits, as ${algorithm} has`;
  throw new Fault('invalid-derivation', reason, { output: name, algorithm, hash });
}
