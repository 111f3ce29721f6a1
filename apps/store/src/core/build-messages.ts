/** Texts for people about builds: in the reference's words (and quotes), which clients may match. */
import type { Difference } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';

export const buildMessages = {
  missing: (derivation: StorePath, path: StorePath) =>
    `builder for \`${derivation}' failed to produce output path \`${path}'`,
  suspicious: (path: StorePath) => `suspicious ownership or permission on \`${path}'; rejecting this build output`,
  foreignFile: (file: string) => `invalid ownership on file \`${file}'`,
  unsupportedType: (file: string) => `file ‘${file}’ has an unsupported type`,
  notRegular: (path: StorePath) => `output path \`${path} should be a non-executable regular file`,
  mismatch: (path: StorePath) => `hash mismatch for store item '${path}'`,
  notDeterministic: (derivation: StorePath, differences: readonly Difference[]) => {
    const outputs = differences.map(({ output, kept }) => {
      const differs = `output \`${output.path}' differs`;
      return kept === undefined ? differs : `${differs} from \`${kept}'`;
    });
    return `derivation \`${derivation}' may not be deterministic: ${outputs.join(', ')}`;
  },
  roundsDiffer: (derivation: StorePath, differences: readonly Difference[]) => {
    const outputs = differences.map(({ output, kept }) => {
      const differs = `output ‘${output.path}’ of ‘${derivation}’ differs from`;
      return kept === undefined ? `${differs} previous round` : `${differs} ‘${kept}’ from previous round`;
    });
    return outputs.join(', ');
  },
  nonexistentOutput: (derivation: StorePath, output: string, input: StorePath) =>
    `derivation \`${derivation}' requires non-existent output \`${output}' from input derivation \`${input}'`,
  notBuilt: (derivation: StorePath) => `\`${derivation}' is missing outputs; build it normally before using \`--check'`,
};
