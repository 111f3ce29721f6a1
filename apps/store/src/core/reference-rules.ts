/** What a derivation says about the references of its outputs, and whether its outputs keep to it. */
import { fromText, toText } from '@cooper/byte-string';
import type { Derivation } from '@cooper/derivation';
import { isStorePath, type StorePath } from '@cooper/store-path';
import { Rejection } from './rejection.ts';

interface Rule {
  readonly attribute: string;
  /** The attribute lists what is allowed; else what is not. */
  readonly allowed: boolean;
  /** It is about all requisites, not only direct references. */
  readonly requisites: boolean;
}

/** In the order in which the reference looks at them. */
const rules: readonly Rule[] = [
  { attribute: 'allowedReferences', allowed: true, requisites: false },
  { attribute: 'allowedRequisites', allowed: true, requisites: true },
  { attribute: 'disallowedReferences', allowed: false, requisites: false },
  { attribute: 'disallowedRequisites', allowed: false, requisites: true },
];

export interface JudgedOutput {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  /** The closure of the references, but for the output itself. */
  readonly requisites: () => readonly StorePath[];
}

/** Throws a rejection when `output` breaks a rule of `derivation`, or when a rule names what is no path and no output. */
export function checkReferences(derivation: Derivation, storeDir: string, output: JudgedOutput): void {
  for (const { attribute, allowed, requisites } of rules) {
    const value = derivation.env.get(fromText(attribute));
    if (value === undefined) continue;
    const named = specified(derivation, storeDir, toText(value));
    // By their bytes, so that the same path is named every time, and the one that the reference names.
    for (const path of [...(requisites ? output.requisites() : output.references)].sort()) {
      if (named.has(path) === allowed) continue;
      const message = `output (\`${output.path}') is not allowed to refer to path \`${path}'`;
      throw new Rejection('reference-not-allowed', message, { reference: path });
    }
  }
}

function specified(derivation: Derivation, storeDir: string, value: string): ReadonlySet<string> {
  const words = value.split(/[ \t\n\r]+/).filter((word) => word !== '');
  return new Set(words.map((word) => specifiedPath(derivation, storeDir, word)));
}

function specifiedPath(derivation: Derivation, storeDir: string, word: string): string {
  if (isStorePath(storeDir, word)) return word;
  const output = derivation.outputs.get(word);
  if (output !== undefined) return output.path;
  throw new Rejection('invalid-reference-specifier', `derivation contains an invalid reference specifier \`${word}'`);
}
