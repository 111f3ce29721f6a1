/** Whom to believe about substitutes, and whether one of them vouches for a narinfo. */
import { hashBytes } from '@cooper/hash';
import { type Narinfo, printFingerprint } from '@cooper/narinfo';
import type { AccessList } from './access-list.ts';
import { judgeGuixSignature } from './guix-signature.ts';
import type { NixPublicKey } from './nix-key.ts';

/** Whom to believe: Guix's list of keys, and Nix's. */
export interface Trust {
  readonly accessList: AccessList;
  readonly nixKeys: readonly NixPublicKey[];
}

/** `authorised`, or why not. */
export type NarinfoVerdict =
  | 'authorised'
  | 'unsigned'
  | 'unauthorized-key'
  | 'hash-mismatch'
  | 'invalid-signature'
  | 'corrupt-signature';

/** A narinfo with a million signatures is tried this often, and then refused. */
const maxNixAttempts = 100;

/** Whether a key that is believed signed what the narinfo says. One good signature is enough, whatever the others are. */
export function judgeNarinfo(narinfo: Narinfo, trust: Trust): NarinfoVerdict {
  const verdict = judgeByGuix(narinfo, trust.accessList);
  if (verdict === 'authorised' || narinfo.nixSignatures.length === 0) return verdict;
  const byNix = judgeByNix(narinfo, trust.nixKeys);
  return byNix === 'authorised' || verdict === 'unsigned' ? byNix : verdict;
}

function judgeByGuix({ guixSignature }: Narinfo, list: AccessList): NarinfoVerdict {
  if (guixSignature === undefined) return 'unsigned';
  const { digest } = hashBytes('sha256', guixSignature.signed);
  const verdict = judgeGuixSignature(guixSignature.expression, digest, list);
  return verdict === 'valid-signature' ? 'authorised' : verdict;
}

function judgeByNix(narinfo: Narinfo, keys: readonly NixPublicKey[]): NarinfoVerdict {
  const names = new Set(keys.map(({ name }) => name));
  const signatures = narinfo.nixSignatures.filter(({ keyName }) => names.has(keyName)).slice(0, maxNixAttempts);
  if (signatures.length === 0) return 'unauthorized-key';
  const fingerprint = printFingerprint(narinfo);
  const good = signatures.some(({ keyName, signature }) =>
    keys.some((key) => key.name === keyName && key.verify(fingerprint, signature)),
  );
  return good ? 'authorised' : 'invalid-signature';
}
