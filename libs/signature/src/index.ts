/** Signatures and keys of Guix and Nix: who signed what, and who is believed. */
export {
  type AccessList,
  authorise,
  emptyAccessList,
  findAuthorised,
  firstAccessList,
  parseAccessList,
} from './access-list.ts';
export { printAdvanced } from './advanced-form.ts';
export { judgeGuixSignature, makeGuixSignature, type SignatureVerdict } from './guix-signature.ts';
export { signForGuix, signForNix } from './narinfo-signing.ts';
export { judgeNarinfo, type NarinfoVerdict, type Trust } from './narinfo-trust.ts';
export {
  makeNixKey,
  type NixPublicKey,
  type NixSecretKey,
  parseNixPublicKey,
  parseNixSecretKey,
} from './nix-key.ts';
export { type PublicKey, parsePublicKey, readPublicKey } from './public-key.ts';
export { maxExpressionSize, parseSExpression, printCanonical, type SExpression } from './s-expression.ts';
export { makeSecretKey, parseSecretKey, type SecretKey } from './secret-key.ts';
