/** What a derivation says of an output whose contents are known beforehand. */
import { type DerivationOutput, parseHashMethod } from '@cooper/derivation';
import { type Hash, parseHash } from '@cooper/hash';

export interface FixedContents {
  /** The hash is of the archive; else of the contents of the one regular file that the output is. */
  readonly recursive: boolean;
  readonly hash: Hash;
}

/** The contents that `output` must have; nothing where any will do. */
export function fixedContents({ hashAlgo, hash }: DerivationOutput): FixedContents | undefined {
  if (hash === '') return undefined;
  const { recursive, algorithm } = parseHashMethod(hashAlgo);
  return { recursive, hash: parseHash(`${algorithm}:${hash}`) };
}
