/**
 * The printer of derivation files: the canonical ATerm, whose bytes are what derivation paths and hashes are made from.
 * It sorts where its input is not sorted, so there is one text for each derivation.
 */
import { type ByteString, compareBytes, toBytes } from '@cooper/byte-string';
import type { Derivation } from './derivation.ts';
import { escapeString } from './string-escapes.ts';

/**
 * What can be printed: a derivation, or one made from it whose output paths are blank or whose input derivations are
 * named by their hashes.
 */
export interface PrintableDerivation extends Omit<Derivation, 'outputs' | 'inputDerivations'> {
  readonly outputs: ReadonlyMap<string, { readonly path: string; readonly hashAlgo: string; readonly hash: string }>;
  readonly inputDerivations: ReadonlyMap<string, readonly string[]>;
}

/** The bytes of the derivation's file. */
export function printDerivation(derivation: PrintableDerivation): Buffer {
  return toBytes(printText(derivation) as ByteString);
}

function printText(derivation: PrintableDerivation): string {
  const outputs = sortedEntries(derivation.outputs).map(
    ([name, { path, hashAlgo, hash }]) => `(${string(name)},${string(path)},${string(hashAlgo)},${string(hash)})`,
  );
  const inputs = sortedEntries(derivation.inputDerivations).map(
    ([path, names]) => `(${string(path)},${strings(sorted(names))})`,
  );
  const env = sortedEntries(derivation.env).map(([name, value]) => `(${string(name)},${string(value)})`);
  const { inputSources, system, builder, args } = derivation;
  return (
    `Derive([${outputs.join(',')}],[${inputs.join(',')}],${strings(sorted(inputSources))},` +
    `${string(system)},${string(builder)},${strings(args)},[${env.join(',')}])`
  );
}

function string(text: string): string {
  return `"${escapeString(text)}"`;
}

function strings(texts: readonly string[]): string {
  return `[${texts.map(string).join(',')}]`;
}

function sortedEntries<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  const entries = [...map];
  const inOrder = entries.every(([name], index) => index === 0 || (entries[index - 1]?.[0] ?? '') < name);
  return inOrder ? entries : entries.sort(([a], [b]) => compareBytes(a, b));
}

function sorted(texts: readonly string[]): readonly string[] {
  const inOrder = texts.every((text, index) => index === 0 || (texts[index - 1] ?? '') < text);
  return inOrder ? texts : [...new Set(texts)].sort(compareBytes);
}
