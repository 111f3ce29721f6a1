/** `derivation()`: the function that recipes are made of. */

import { type ByteString, fromText } from '@cooper/byte-string';
import { thisSystem } from '@cooper/config';
import { formatHash, hashAlgorithms, isHashAlgorithm, parseHash } from '@cooper/hash';
import { checkStoreName, outputPathName } from '@cooper/store-path';
import { type CallSite, callerSite, recipeFault } from './call-site.ts';
import { type DerivationNode, type FixedHash, nextSequence } from './item.ts';
import { itemsIn } from './placeholder.ts';
import { type DerivationWith, RecipeDerivation } from './recipe-derivation.ts';
import { type Item, isItem, type Value, valueToBytes } from './value.ts';

/** A derivation, as a recipe says it. */
export interface DerivationOptions<Outputs extends string = 'out'> {
  /** The name that its store items have. */
  readonly name: string;
  /** The platform that it is built on; that of this machine unless given. */
  readonly system?: string;
  /** The program to run: the path of a file, or `builtin:NAME`. */
  readonly builder: Value;
  /** Its arguments. Each member of a list within is no argument of its own but joined, as in a variable. */
  readonly args?: readonly Value[];
  /** Its environment. The outputs come on top: a variable of each one's name holds its path. */
  readonly env?: Readonly<Record<string, Value>>;
  /** The names of the outputs, `['out']` unless given; the first is what the derivation stands for in strings. */
  readonly outputs?: readonly Outputs[];
  /** What the build needs besides the items in builder, arguments and environment, which are inputs by themselves. */
  readonly inputs?: readonly Item[];
  /**
   * The hash that the output must have: such a build may use the network. `sha256-…`, `sha256:…`, or a digest alone in
   * base16, base32 or base64 with `outputHashAlgo`.
   */
  readonly outputHash?: string;
  readonly outputHashAlgo?: string;
  /** What is hashed: the one file's bytes (`flat`, unless given), or the tree as a NAR (`recursive`). */
  readonly outputHashMode?: 'flat' | 'recursive';
}

/**
 * Describes a build. Nothing is built yet, and no store is asked: the result is a value, to be interpolated into other
 * derivations or exported from the recipe. Throws a fault `invalid-recipe` that says where and what is wrong.
 */
export function derivation<const Outputs extends string = 'out'>(
  options: DerivationOptions<Outputs>,
): DerivationWith<Outputs> {
  return makeDerivation(options, callerSite()) as DerivationWith<Outputs>;
}

/** `derivation` for a call that was made at `site`. */
export function makeDerivation(options: DerivationOptions<string>, site: CallSite): RecipeDerivation {
  try {
    checkKeys(options);
    return new RecipeDerivation(makeNode(options, site));
  } catch (error) {
    const subject = typeof options?.name === 'string' ? `derivation \`${options.name}'` : 'derivation';
    throw recipeFault(site, subject, (error as Error).message, error);
  }
}

const keys = {
  name: 'string',
  system: 'string',
  builder: undefined,
  args: 'array',
  env: 'object',
  outputs: 'array',
  inputs: 'array',
  outputHash: 'string',
  outputHashAlgo: 'string',
  outputHashMode: 'string',
} as const satisfies Record<keyof DerivationOptions, string | undefined>;

/** Recipes need not be checked by a compiler: a misspelt option must not be lost in silence. */
function checkKeys(options: DerivationOptions<string>): void {
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(keys, key)) throw new Error(`there is no option \`${key}' (there are ${listWords(keys)})`);
    const kind = keys[key as keyof typeof keys];
    const actual = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    if (kind !== undefined && value !== undefined && actual !== kind) {
      throw new Error(`\`${key}' is of type ${actual}, not ${kind}`);
    }
  }
}

function makeNode(options: DerivationOptions<string>, site: CallSite): DerivationNode {
  const { name, outputs = ['out'], system = thisSystem(), inputs = [] } = options;
  const fixed = fixedHash(options);
  checkNames(name, outputs, fixed);
  const builder = named('builder', options.builder);
  const args = (options.args ?? []).map((value, index) => named(`args[${index}]`, value));
  const env = makeEnv(options.env ?? {}, outputs);
  for (const [key, value] of Object.entries({ system, builder }))
    if (value === '') throw new Error(`no ${key} is given`);
  const uses = itemsIn([builder, ...args, ...env.keys(), ...env.values(), ...inputs.map(itemText)].join('\0'));
  const node = { name, system: fromText(system), builder, args, env, outputs: [...outputs], uses, site };
  return { kind: 'derivation', sequence: nextSequence(), ...node, ...(fixed && { fixed }) };
}

function checkNames(name: string, outputs: readonly string[], fixed: FixedHash | undefined): void {
  if (outputs.length === 0) throw new Error('it has no outputs');
  if (name.endsWith('.drv')) throw new Error('its name ends in .drv, as only the files of derivations may');
  checkStoreName(`${name}.drv`);
  if (name === '') throw new Error('its name is empty');
  for (const output of outputs) {
    checkStoreName(output);
    if (output === 'drv') throw new Error("an output may not be called `drv', which means the derivation itself");
    checkStoreName(outputPathName(name, output));
  }
  if (new Set(outputs).size < outputs.length) throw new Error('two outputs have the same name');
  if (fixed !== undefined && (outputs.length > 1 || outputs[0] !== 'out')) {
    throw new Error("with an `outputHash', `out' is the only output");
  }
}

function fixedHash(options: DerivationOptions<string>): FixedHash | undefined {
  const { outputHash, outputHashAlgo: algorithm, outputHashMode: mode = 'flat' } = options;
  if (mode !== 'flat' && mode !== 'recursive')
    throw new Error(`\`outputHashMode' is \`${mode}', not flat or recursive`);
  if (algorithm !== undefined && !isHashAlgorithm(algorithm)) {
    throw new Error(`unknown hash algorithm \`${algorithm}' (known: ${hashAlgorithms.join(', ')})`);
  }
  if (outputHash === undefined) {
    if (algorithm === undefined && options.outputHashMode === undefined) return undefined;
    throw new Error("there is no `outputHash' for the hash of the output");
  }
  const hash = parseHash(outputHash, algorithm);
  return { algorithm: hash.algorithm, hash: formatHash(hash, 'base16'), recursive: mode === 'recursive' };
}

function makeEnv(values: Readonly<Record<string, Value>>, outputs: readonly string[]): Map<ByteString, ByteString> {
  const env = new Map<ByteString, ByteString>();
  for (const [name, value] of Object.entries(values)) {
    if (outputs.includes(name)) throw new Error(`the variable \`${name}' holds the path of the output of that name`);
    env.set(valueToBytes(name), named(`env.${name}`, value));
  }
  return env;
}

function itemText(value: unknown, index: number): string {
  if (isItem(value)) return String(value);
  throw new Error(`inputs[${index}] is not something that a recipe makes`);
}

/** The bytes of a value, with its place in the message when it has none. */
function named(place: string, value: Value): ByteString {
  try {
    const bytes = valueToBytes(value);
    if (!bytes.includes('\0')) return bytes;
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
  }
  throw new Error(`${place}: it has a NUL byte, which no process can be given`);
}

function listWords(record: object): string {
  return Object.keys(record).join(', ');
}
