/**
 * Where an output is made whose own place is taken: by something valid, while its builder writes to the store itself. The
 * hash part is another, of the same length, so that it can be rewritten in what the builder made.
 */
import { formatHash, hashBytes } from '@cooper/hash';
import { hashPartLength, type StorePath } from '@cooper/store-path';

/** The scratch path for the output `path` of `derivation`: the reference's (`addHashRewrite`), the same every time. */
export function scratchPath(derivation: StorePath, path: StorePath): StorePath {
  const hash = hashBytes('sha256', Buffer.from(`rewrite:${derivation}:${path}`, 'latin1'));
  const start = path.lastIndexOf('/') + 1;
  const hashPart = formatHash(hash, 'base32').slice(0, hashPartLength);
  return `${path.slice(0, start)}${hashPart}${path.slice(start + hashPartLength)}` as StorePath;
}
