/**
 * What a derivation must keep before it enters a store, beyond what its parser checks.
 *
 * Nobody chooses where outputs go: a forged output path would let one build write what stands for another. The store
 * checks every derivation before it registers it, from whatever side it comes.
 */
import { fromText, toText } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import { type Derivation, derivationName } from './derivation.ts';
import type { HashModulo } from './hash-modulo.ts';
import { computeOutputPaths } from './output-paths.ts';

/** Where a derivation is, and who knows its inputs. */
export interface DerivationPlace {
  readonly storeDir: string;
  /** The path of the derivation, which names its outputs. */
  readonly path: StorePath;
  readonly hashModulo: HashModulo;
}

/**
 * Checks that
 * - each output has the path that follows from the derivation: from the hash for a fixed output (`checkDerivationOutputs`
 *   of the reference), else from the hash modulo, for which the input derivations are looked up;
 * - the environment has the path of each output under its name;
 * - the outputs wanted of input derivations exist;
 * - the builder, its arguments and the environment have no NUL, at which `execve` would cut them.
 *
 * Throws faults `incorrect-output-path`, `incorrect-output-variable`, `invalid-derivation`, and those of the lookup.
 */
export function checkDerivation(derivation: Derivation, place: DerivationPlace): void {
  const { storeDir, path, hashModulo } = place;
  const paths = computeOutputPaths({ storeDir, name: derivationName(path), derivation, hashModulo });
  for (const [output, expected] of paths) checkOutput(derivation, { path, output, expected });
  checkNoNul(derivation, path);
}

interface ExpectedOutput {
  readonly path: StorePath;
  readonly output: string;
  readonly expected: StorePath;
}

function checkOutput({ outputs, env }: Derivation, { path, output, expected }: ExpectedOutput): void {
  const actual = outputs.get(output)?.path;
  if (actual !== expected) {
    const message = `derivation \`${path}' has incorrect output \`${actual}', should be \`${expected}'`;
    throw new Fault('incorrect-output-path', message, { path, output, actual, expected });
  }
  const variable = env.get(fromText(output));
  if (variable !== expected) {
    const message = `derivation \`${path}' has incorrect environment variable \`${output}', should be \`${expected}'`;
    const actual = variable === undefined ? undefined : toText(variable);
    throw new Fault('incorrect-output-variable', message, { path, output, actual, expected });
  }
}

function checkNoNul({ builder, args, env }: Derivation, path: StorePath): void {
  const where = (texts: Iterable<string>, what: string) => {
    for (const text of texts) {
      if (!text.includes('\0')) continue;
      const message = `derivation \`${path}' has a NUL byte in ${what}, which no process can be given`;
      throw new Fault('invalid-derivation', message, { path });
    }
  };
  where([builder], 'its builder');
  where(args, 'an argument');
  where(env.keys(), 'the name of an environment variable');
  where(env.values(), 'an environment variable');
}
