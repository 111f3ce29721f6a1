/** How a store vouches for what its narinfos say, with each kind of key. */
import { hashBytes } from '@cooper/hash';
import {
  type GuixSignature,
  type NarinfoFacts,
  type NixSignature,
  printFingerprint,
  printSignedPart,
} from '@cooper/narinfo';
import { makeGuixSignature } from './guix-signature.ts';
import type { NixSecretKey } from './nix-key.ts';
import type { SecretKey } from './secret-key.ts';

/** Guix's signature of `facts`; `host` is the name that the signer gives itself. */
export function signForGuix(key: SecretKey, host: string, facts: NarinfoFacts): GuixSignature {
  const signed = printSignedPart(facts);
  return { host, signed, expression: makeGuixSignature(key, hashBytes('sha256', signed).digest) };
}

/** Nix's signature of `facts`. */
export function signForNix(key: NixSecretKey, facts: NarinfoFacts): NixSignature {
  return { keyName: key.name, signature: key.sign(printFingerprint(facts)) };
}
