/**
 * What a derivation says to the daemon itself, such as `requiredSystemFeatures`: as environment variables, or, in the
 * manner of Nix, in the one variable `__json` (structured attributes), which then is all that counts.
 */
import { type ByteString, compareBytes, fromText, toText } from '@cooper/byte-string';
import { attributeWords, type Derivation, derivationName } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';

/** A value of JSON. Numbers keep their text: those of Nix may be larger than a number of JavaScript can say. */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export class JsonNumber {
  /** As written. */
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** The attributes that the scheduler reads, by their shapes. */
type FlagName = 'preferLocalBuild' | 'allowSubstitutes';
type ListName = 'requiredSystemFeatures' | 'impureEnvVars' | 'passAsFile';
const flagNames: readonly FlagName[] = ['preferLocalBuild', 'allowSubstitutes'];
const listNames: readonly ListName[] = ['requiredSystemFeatures', 'impureEnvVars', 'passAsFile'];

export class Attributes {
  /** The structured attributes, if there are any. */
  readonly structured: JsonObject | undefined;
  readonly #env: Derivation['env'];

  /**
   * Throws the fault `input-rejected` for a `__json` that is not a JSON object, or in which one of the attributes above has
   * another shape. `path` is the derivation's.
   */
  constructor(derivation: Derivation, path: StorePath) {
    this.#env = derivation.env;
    const json = derivation.env.get(fromText('__json'));
    this.structured = json === undefined ? undefined : parseObject(json, path);
    for (const name of flagNames) this.#expect(name, 'true or false', path, isFlag);
    for (const name of listNames) this.#expect(name, 'a list of strings', path, isWords);
  }

  /** True for `1`, or `true` in JSON. */
  flag(name: FlagName): boolean {
    if (this.structured !== undefined) return this.#member(name) === true;
    return this.#env.get(fromText(name)) === '1';
  }

  /** False where the derivation says anything else than `1`, or `true` in JSON, as in the reference. */
  allows(name: FlagName): boolean {
    const isSaid = this.structured === undefined ? this.#env.has(fromText(name)) : this.#member(name) !== undefined;
    return !isSaid || this.flag(name);
  }

  /** A list: words, or a JSON list of strings. A JSON string is taken for words. */
  list(name: ListName): readonly string[] {
    if (this.structured === undefined) return attributeWords(toText(this.#env.get(fromText(name)) ?? fromText('')));
    const value = this.#member(name);
    if (typeof value === 'string') return attributeWords(value);
    return value === undefined ? [] : (value as readonly string[]);
  }

  #expect(name: string, shape: string, path: StorePath, is: (value: Json) => boolean): void {
    const value = this.#member(name);
    if (value !== undefined && !is(value)) throw rejection(path, `\`${name}' is not ${shape}`);
  }

  #member(name: string): Json | undefined {
    return this.structured !== undefined && Object.hasOwn(this.structured, name) ? this.structured[name] : undefined;
  }
}

/** Throws the fault `input-rejected` for attributes that cannot be understood. */
export function checkAttributes(derivation: Derivation, path: StorePath): void {
  new Attributes(derivation, path);
}

/** JSON with the keys of objects in byte order, as Nix writes it. */
export function printJson(value: Json): string {
  if (value instanceof JsonNumber) return value.source;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(printJson).join(',')}]`;
  const members = sortedMembers(value).map(([key, member]) => `${JSON.stringify(key)}:${printJson(member)}`);
  return `{${members.join(',')}}`;
}

/** The members of an object in byte order of their names. */
export function sortedMembers(value: JsonObject): readonly (readonly [string, Json])[] {
  return Object.entries(value).sort(([a], [b]) => compareBytes(fromText(a), fromText(b)));
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value) && !(value instanceof JsonNumber);
}

function isFlag(value: Json): boolean {
  return typeof value === 'boolean';
}

function isWords(value: Json): boolean {
  return typeof value === 'string' || (isList(value) && value.every((item) => typeof item === 'string'));
}

function parseObject(json: ByteString, path: StorePath): JsonObject {
  const value = parse(json, path);
  if (isObject(value)) return value;
  throw rejection(path, 'not an object');
}

function parse(json: ByteString, path: StorePath): Json {
  try {
    return JSON.parse(toText(json), keepNumber as (key: string, value: unknown) => unknown) as Json;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw rejection(path, error.message);
  }
}

/** Called for every value; that of a number is looked up in the text. */
function keepNumber(_key: string, value: unknown, context: { readonly source: string }): unknown {
  return typeof value === 'number' ? new JsonNumber(context.source) : value;
}

function rejection(path: StorePath, problem: string): Fault {
  const message = `cannot process __json attribute of \`${path}': ${problem}`;
  return new Fault('input-rejected', message, { derivation: derivationName(path) });
}
