/** What a derivation says about the references of its outputs, and whether its outputs keep to it. */
import { fromText, toText } from '@cooper/byte-string';
import type { OutputPath } from '@cooper/contracts';
import type { Derivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
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

export interface JudgedOutput extends OutputPath {
  readonly references: readonly StorePath[];
  /** The closure of the references, but for the output itself. */
  readonly requisites: () => readonly StorePath[];
}

/** Throws a rejection when `output` breaks a rule of `derivation`, or when a rule names what is no path and no output. */
export function checkReferences(derivation: Derivation, storeDir: string, judged: JudgedOutput): void {
  const output = { name: judged.name, path: judged.path };
  for (const { attribute, allowed, requisites } of rules) {
    const value = derivation.env.get(fromText(attribute));
    if (value === undefined) continue;
    const named = specified({ derivation, storeDir, output }, toText(value));
    // By their bytes, so that the same path is named every time, and the one that the reference names.
    for (const path of [...(requisites ? judged.requisites() : judged.references)].sort()) {
      if (named.has(path) === allowed) continue;
      const message = `output (\`${output.path}') is not allowed to refer to path \`${path}'`;
      throw new Rejection('reference-not-allowed', message, { output, reference: path });
    }
  }
}

interface Specification {
  readonly derivation: Derivation;
  readonly storeDir: string;
  readonly output: OutputPath;
}

function specified(specification: Specification, value: string): ReadonlySet<string> {
  const words = value.split(/[ \t\n\r]+/).filter((word) => word !== '');
  return new Set(words.map((word) => specifiedPath(specification, word)));
}

/** Any entry of the store directory will do, as with the reference; an output is meant by its name. */
function specifiedPath({ derivation, storeDir, output }: Specification, word: string): string {
  const isInStore = word.length > storeDir.length + 1 && word.startsWith(`${storeDir}/`);
  if (isInStore && !word.includes('/', storeDir.length + 1)) return word;
  const named = derivation.outputs.get(word);
  if (named !== undefined) return named.path;
  const message = `derivation contains an invalid reference specifier \`${word}'`;
  throw new Rejection('invalid-reference-specifier', message, { output });
}
