/**
 * The files in the directory of a build that hold what does not fit an environment. Both are additions that users of Nix
 * expect (the reference has neither): `passAsFile`, and structured attributes in `.attrs.json` and `.attrs.sh`.
 */
import { encodeBase32 } from '@cooper/base32';
import { fromText, toBytes } from '@cooper/byte-string';
import type { Derivation } from '@cooper/derivation';
import { hashBytes } from '@cooper/hash';
import { isList, isObject, type Json, JsonNumber, type JsonObject, printJson, sortedMembers } from './attributes.ts';

/** A file, and the variable that holds its path. */
export interface AttributeFile {
  readonly variable: string;
  readonly name: string;
  readonly contents: Uint8Array;
}

/** For each name in `passAsFile` that is a variable: its value as a file, whose path is in NAMEPath. */
export function passedFiles(env: Derivation['env'], names: readonly string[]): readonly AttributeFile[] {
  return [...new Set(names)].flatMap((name) => {
    const value = env.get(fromText(name));
    if (value === undefined) return [];
    // The name of the variable may be that of no file: its hash always is one.
    const hash = encodeBase32(hashBytes('sha256', toBytes(fromText(name))).digest);
    return [{ variable: `${name}Path`, name: `.attr-${hash}`, contents: toBytes(value) }];
  });
}

/** The two files of structured attributes. `graphs` take the place of what `exportReferencesGraph` named. */
export function structuredFiles(
  attributes: JsonObject,
  outputs: Derivation['outputs'],
  graphs: JsonObject,
): readonly AttributeFile[] {
  const paths = Object.fromEntries(Array.from(outputs, ([name, { path }]) => [name, path]));
  const whole = { ...attributes, outputs: paths, ...graphs };
  return [
    { variable: 'NIX_ATTRS_JSON_FILE', name: '.attrs.json', contents: bytesOf(printJson(whole)) },
    { variable: 'NIX_ATTRS_SH_FILE', name: '.attrs.sh', contents: bytesOf(shellText(whole)) },
  ];
}

function bytesOf(text: string): Uint8Array {
  return toBytes(fromText(text));
}

/** Declarations for Bash. What Bash cannot say (deeper structures, odd names, fractions) is only in the JSON. */
function shellText(attributes: JsonObject): string {
  return sortedMembers(attributes)
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map(([name, value]) => declaration(name, value))
    .join('');
}

function declaration(name: string, value: Json): string {
  const simple = shellWord(value);
  if (simple !== undefined) return `declare ${name}=${simple}\n`;
  if (isList(value)) {
    const items = value.map(shellWord);
    return items.includes(undefined) ? '' : `declare -a ${name}=(${items.map((item) => `${item} `).join('')})\n`;
  }
  if (!isObject(value)) return '';
  const members = sortedMembers(value).map(([key, member]) => [quote(key), shellWord(member)]);
  if (members.some(([, member]) => member === undefined)) return '';
  return `declare -A ${name}=(${members.map(([key, member]) => `[${key}]=${member} `).join('')})\n`;
}

function shellWord(value: Json): string | undefined {
  if (typeof value === 'string') return quote(value);
  if (value === null) return "''";
  if (typeof value === 'boolean') return value ? '1' : '';
  return value instanceof JsonNumber ? wholeNumber(value.source) : undefined;
}

function wholeNumber(source: string): string | undefined {
  if (/^-?\d+$/.test(source)) return source;
  const value = Number(source);
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
