/** The values that recipes may put into derivations, and the bytes they become. */
import { type ByteString, fromBytes, fromText } from '@cooper/byte-string';
import { RecipeItem } from './item.ts';
import { RecipeDerivation } from './recipe-derivation.ts';

/** Something with a path in the store. A derivation stands for its first output. */
export type Item = RecipeItem | RecipeDerivation;

/**
 * What an argument or a variable may be. As in the Nix language, `true` is `1`, `false` and `null` are empty, numbers are
 * decimal, and the members of a list are joined by blanks. Bytes are taken as they are.
 */
export type Value = string | Uint8Array | number | bigint | boolean | null | Item | readonly Value[];

/** The bytes of `value`, items as placeholders. Throws a plain `Error` with the reason where it has none. */
export function valueToBytes(value: Value): ByteString {
  if (typeof value === 'string') return textToBytes(value);
  if (value instanceof Uint8Array) return fromBytes(value);
  if (value === null || value === false) return fromText('');
  if (value === true) return fromText('1');
  if (typeof value === 'number' || typeof value === 'bigint') return numberToBytes(value);
  if (isItem(value)) return fromText(String(value));
  if (Array.isArray(value)) return listToBytes(value);
  throw new Error(`a value may not be ${describe(value)}`);
}

/** True for what has a path in the store. */
export function isItem(value: unknown): value is Item {
  return value instanceof RecipeItem || value instanceof RecipeDerivation;
}

function textToBytes(text: string): ByteString {
  if (!text.isWellFormed()) throw new Error(`the string ${JSON.stringify(text)} has a lone surrogate`);
  return fromText(text);
}

function numberToBytes(number: number | bigint): ByteString {
  if (typeof number === 'bigint' || Number.isSafeInteger(number)) return fromText(String(number));
  throw new Error(`the number ${number} has more than one way to be written: make it a string`);
}

/** Nothing follows an empty list inside a list, not even a blank: so has it the Nix language. */
function listToBytes(list: readonly Value[]): ByteString {
  const last = list.length - 1;
  const separator = (value: Value, index: number) =>
    index === last || (Array.isArray(value) && value.length === 0) ? '' : ' ';
  return list.map((value, index) => valueToBytes(value) + separator(value, index)).join('') as ByteString;
}

function describe(value: unknown): string {
  if (value === undefined) return 'undefined';
  return typeof value === 'object' ? `an object (${Object.prototype.toString.call(value)})` : `a ${typeof value}`;
}
