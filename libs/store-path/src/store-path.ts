/**
 * Store paths: `STORE-DIRECTORY/HASH-PART-NAME`, where the hash part is 32 digits of base-32.
 *
 * A `StorePath` is made by the parser and the computations of this package only, so whoever holds one has a path
 * directly inside the store, whose parts need no further check.
 */
import type { ByteString } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { nameProblem, shorten } from './store-name.ts';

declare const brand: unique symbol;

/** The full path of a store item. All characters are ASCII, so it is its own byte string and `<` is byte order. */
export type StorePath = ByteString & { readonly [brand]: 'StorePath' };

/** The number of base-32 digits in the hash part of a store path. */
export const hashPartLength = 32;

const hashPart = /^[0-9a-df-np-sv-z]{32}$/;
const baseName = /^[0-9a-df-np-sv-z]{32}-[A-Za-z0-9+\-_?=][A-Za-z0-9+\-._?=]{0,210}$/;

/**
 * The store path that `text` is, exactly: nothing is made canonical, nothing below a store item is taken.
 * Throws a fault `invalid-store-path` that says what is wrong.
 */
export function parseStorePath(storeDir: string, text: string): StorePath {
  if (isStorePath(storeDir, text)) return text;
  throw invalid(text, problem(storeDir, text) ?? 'it is malformed');
}

/** True when `parseStorePath` takes `text`. */
export function isStorePath(storeDir: string, text: string): text is StorePath {
  return isInside(storeDir, text) && baseName.test(text.slice(storeDir.length + 1));
}

/**
 * The store item that the file `path` belongs to: the item itself, or the one above a path inside it. Doubled slashes,
 * `.` and a slash at the end are passed over. `..` is refused, since what it means depends on symbolic links.
 * Throws a fault `invalid-store-path`.
 */
export function toStorePath(storeDir: string, path: string): StorePath {
  if (!isInside(storeDir, path)) throw invalid(path, `it is not in the store (${storeDir})`);
  const components = path
    .slice(storeDir.length)
    .split('/')
    .filter((component) => component !== '' && component !== '.');
  if (components.includes('..')) throw invalid(path, "it contains `..'");
  return parseStorePath(storeDir, `${storeDir}/${components[0] ?? ''}`);
}

/** `HASH-PART-NAME`: the file name of the item in the store directory. */
export function storePathBaseName(path: StorePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The 32 digits. */
export function storePathHashPart(path: StorePath): string {
  const start = path.lastIndexOf('/') + 1;
  return path.slice(start, start + hashPartLength);
}

/** The name, without the hash part. */
export function storePathName(path: StorePath): string {
  return path.slice(path.lastIndexOf('/') + 1 + hashPartLength + 1);
}

/** True when the item is a derivation, which its name tells: it ends in `.drv`. */
export function isDerivationPath(path: StorePath): boolean {
  return path.endsWith('.drv');
}

/** True when `text` is 32 digits of base-32, the hash part of some store path. */
export function isHashPart(text: string): boolean {
  return hashPart.test(text);
}

function isInside(storeDir: string, text: string): boolean {
  return text.charCodeAt(storeDir.length) === 0x2f && text.startsWith(storeDir);
}

function problem(storeDir: string, text: string): string | undefined {
  if (!isInside(storeDir, text)) return `it is not in the store (${storeDir})`;
  const base = text.slice(storeDir.length + 1);
  if (base.includes('/')) return 'it is not directly in the store';
  if (!isHashPart(base.slice(0, hashPartLength))) return `it does not begin with ${hashPartLength} digits of base-32`;
  if (base[hashPartLength] !== '-') return 'no hyphen follows its hash part';
  const name = nameProblem(base.slice(hashPartLength + 1));
  return name === undefined ? undefined : `about its name: ${name}`;
}

function invalid(text: string, reason: string): Fault {
  const path = shorten(text);
  return new Fault('invalid-store-path', `\`${path}' is not a store path: ${reason}`, { path, reason });
}
