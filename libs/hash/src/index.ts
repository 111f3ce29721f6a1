/** Hashes: computing them, and their texts. */
export { digestSize, type HashAlgorithm, hashAlgorithms, isHashAlgorithm } from './algorithm.ts';
export { compressHash, createHasher, equalHashes, type Hash, type Hasher, hashBytes, makeHash } from './hash.ts';
export { formatHash, formatPrefixedHash, type HashForm, parseHash } from './text.ts';
