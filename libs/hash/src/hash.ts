/**
 * Hashes of bytes: computing, comparing and folding them. The algorithms themselves are those of node:crypto.
 */
import { createHash, hash as hashOnce } from 'node:crypto';
import { Fault } from '@cooper/fault';
import { digestSize, type HashAlgorithm } from './algorithm.ts';

/** A digest and the algorithm that made it. `digest` has the length that `digestSize` tells. */
export interface Hash {
  readonly algorithm: HashAlgorithm;
  readonly digest: Uint8Array;
}

/** A hash in the making: any number of `update`, then one `digest`. `copy` gives a second one that goes on by itself. */
export interface Hasher {
  update(chunk: Uint8Array): void;
  digest(): Hash;
  copy(): Hasher;
}

/** The hash of `bytes`. */
export function hashBytes(algorithm: HashAlgorithm, bytes: Uint8Array): Hash {
  return { algorithm, digest: hashOnce(cryptoName(algorithm), bytes, 'buffer') };
}

/** A hasher for bytes that come in chunks. */
export function createHasher(algorithm: HashAlgorithm): Hasher {
  return wrapHasher(algorithm, createHash(cryptoName(algorithm)));
}

function wrapHasher(algorithm: HashAlgorithm, hasher: ReturnType<typeof createHash>): Hasher {
  return {
    update: (chunk) => void hasher.update(chunk),
    digest: () => ({ algorithm, digest: hasher.digest() }),
    copy: () => wrapHasher(algorithm, hasher.copy()),
  };
}

/** The hash with this digest. Throws a fault `invalid-hash` where the length is not that of the algorithm. */
export function makeHash(algorithm: HashAlgorithm, digest: Uint8Array): Hash {
  const expected = digestSize(algorithm);
  if (digest.length !== expected) {
    const message = `a digest of ${algorithm} has ${expected} bytes, not ${digest.length}`;
    throw new Fault('invalid-hash', message, { algorithm, length: digest.length, expected });
  }
  return { algorithm, digest };
}

/** True when both the algorithms and the digests are equal. */
export function equalHashes(a: Hash, b: Hash): boolean {
  return a.algorithm === b.algorithm && Buffer.compare(a.digest, b.digest) === 0;
}

/**
 * Folds `digest` to `size` bytes: byte `i` of the digest is XORed into byte `i % size`. Store paths hold the SHA-256
 * of a fingerprint folded to 20 bytes (`compressHash` of the reference).
 */
export function compressHash(digest: Uint8Array, size: number): Uint8Array {
  const folded = new Uint8Array(size);
  digest.forEach((byte, index) => {
    const place = index % size;
    folded[place] = (folded[place] ?? 0) ^ byte;
  });
  return folded;
}

/** OpenSSL writes one of the names without its hyphen. */
function cryptoName(algorithm: HashAlgorithm): string {
  return algorithm === 'blake2s-256' ? 'blake2s256' : algorithm;
}
