/** Whether an output keeps to what its derivation says of its references and of its size. */
import type { OutputPath } from '@cooper/contracts';
import type { Derivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import { type OutputRules, outputRules } from './output-rules.ts';
import { Rejection } from './rejection.ts';

export interface JudgedOutput extends OutputPath {
  readonly references: readonly StorePath[];
  /** The closure of the references, but for the output itself. */
  readonly requisites: () => readonly StorePath[];
  /** Of the NAR, in bytes. */
  readonly size: number;
  readonly sizeOf: (path: StorePath) => number;
}

/** Throws a rejection when `output` breaks a rule of `derivation`, or when a rule names what is no path and no output. */
export function checkRules(derivation: Derivation, storeDir: string, judged: JudgedOutput): void {
  const output = { name: judged.name, path: judged.path };
  const rules = outputRules(derivation, output);
  checkSizes(judged, rules);
  for (const { allowed, requisites, specifiers } of rules.references) {
    const named = new Set(specifiers.map((word) => specifiedPath({ derivation, storeDir, output }, word)));
    // By their bytes, so that the same path is named every time, and the one that the reference names.
    for (const path of [...(requisites ? judged.requisites() : judged.references)].sort()) {
      if (named.has(path) === allowed) continue;
      const message = `output (\`${output.path}') is not allowed to refer to path \`${path}'`;
      throw new Rejection('reference-not-allowed', message, { output, reference: path });
    }
  }
}

function checkSizes({ name, path, size, requisites, sizeOf }: JudgedOutput, { maxSize, maxClosureSize }: OutputRules) {
  if (maxSize !== undefined && size > maxSize) throw tooLarge({ name, path }, { what: 'output', size, limit: maxSize });
  if (maxClosureSize === undefined) return;
  const closureSize = requisites().reduce((sum, each) => sum + sizeOf(each), size);
  if (closureSize <= maxClosureSize) return;
  throw tooLarge({ name, path }, { what: 'closure of output', size: closureSize, limit: maxClosureSize });
}

function tooLarge(output: OutputPath, { what, size, limit }: { what: string; size: number; limit: number }): Rejection {
  const message = `${what} (\`${output.path}') has ${size} bytes, and may have ${limit}`;
  return new Rejection('output-too-large', message, { output });
}

interface Specification {
  readonly derivation: Derivation;
  readonly storeDir: string;
  readonly output: OutputPath;
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
