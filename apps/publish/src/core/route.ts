/** What is asked for by the path of a request. The addresses are those of `guix publish`; Nix takes any that a narinfo names. */
import { isHashAlgorithm } from '@cooper/hash';
import { isHashPart, isStoreName, isStorePath, type StorePath } from '@cooper/store-path';
import { type Compression, isCompression } from './compression.ts';

/** What a client wants. */
export type Wish =
  | { readonly kind: 'cache-info' | 'index' | 'signing-key' }
  | { readonly kind: 'narinfo'; readonly hashPart: string }
  | { readonly kind: 'nar'; readonly path: StorePath; readonly compression: Compression }
  | { readonly kind: 'log'; readonly path: StorePath }
  | { readonly kind: 'file'; readonly name: string; readonly hashAlgorithm: string; readonly hash: string };

/** The wish behind `target`, the path of a request with whatever follows a question mark; nothing where it names nothing. */
export function parseRoute(storeDir: string, target: string): Wish | undefined {
  const [path = ''] = target.split('?');
  const words = decode(path.slice(1).split('/'));
  if (words === undefined || !path.startsWith('/')) return undefined;
  const [first = '', ...rest] = words;
  if (rest.length === 0) return parseSingle(first);
  const item = (name: string | undefined) => itemOf(storeDir, name);
  if (first === 'nar') {
    const [compression, name] = rest.length === 1 ? ['none', rest[0]] : rest;
    const path = rest.length <= 2 ? item(name) : undefined;
    return path !== undefined && isCompression(compression) ? { kind: 'nar', path, compression } : undefined;
  }
  if (first === 'log' && rest.length === 1) {
    const path = item(rest[0]);
    return path && { kind: 'log', path };
  }
  return first === 'file' ? parseFile(rest) : undefined;
}

/** The path under which the archive of an item is, from that of the narinfo on. */
export function narUrl(baseName: string, compression: Compression): string {
  const name = encodeURIComponent(baseName);
  return compression === 'none' ? `nar/${name}` : `nar/${compression}/${name}`;
}

function parseSingle(word: string): Wish | undefined {
  if (word === '') return { kind: 'index' };
  if (word === 'nix-cache-info') return { kind: 'cache-info' };
  if (word === 'signing-key.pub') return { kind: 'signing-key' };
  const [hashPart = '', ...extension] = word.split('.');
  return extension.join('.') === 'narinfo' && isHashPart(hashPart) ? { kind: 'narinfo', hashPart } : undefined;
}

function parseFile([name = '', hashAlgorithm = '', hash = '', ...more]: readonly string[]): Wish | undefined {
  if (more.length > 0 || hash === '' || !isStoreName(name) || !isHashAlgorithm(hashAlgorithm)) return undefined;
  return { kind: 'file', name, hashAlgorithm, hash };
}

function itemOf(storeDir: string, name: string | undefined): StorePath | undefined {
  const path = `${storeDir}/${name}`;
  return isStorePath(storeDir, path) ? path : undefined;
}

function decode(words: readonly string[]): readonly string[] | undefined {
  try {
    return words.map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
