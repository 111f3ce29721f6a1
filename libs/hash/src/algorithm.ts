/**
 * The hash algorithms that derivations and store paths may name, and how long their digests are. This is Guix's list;
 * Nix has the first four.
 */

const digestSizes = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha512: 64,
  'sha3-256': 32,
  'sha3-512': 64,
  'blake2s-256': 32,
} as const;

/** The name of an algorithm, as written in derivations: lower case. */
export type HashAlgorithm = keyof typeof digestSizes;

/** All algorithms, in the order of the list above. */
export const hashAlgorithms = Object.keys(digestSizes) as readonly HashAlgorithm[];

/** True when `name` is the name of an algorithm. */
export function isHashAlgorithm(name: string): name is HashAlgorithm {
  return Object.hasOwn(digestSizes, name);
}

/** The length of a digest, in bytes. */
export function digestSize(algorithm: HashAlgorithm): number {
  return digestSizes[algorithm];
}
