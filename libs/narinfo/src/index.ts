/** Narinfos: what caches say of the store items that they have. */
export { maxSize } from './fields.ts';
export type { GuixSignature, NarFile, Narinfo, NixSignature } from './narinfo.ts';
export { exactNarSize, parseNarinfo } from './parser.ts';
export {
  type NarinfoFacts,
  printFingerprint,
  printGuixNarinfo,
  printNarFiles,
  printNixNarinfo,
  printSigned,
  printSignedPart,
  type SignedFacts,
} from './printer.ts';
