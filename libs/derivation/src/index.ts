/** Derivations: reading and printing them, their hashes, the paths of their outputs, and what a store checks. */
export { attributeWords } from './attribute-words.ts';
export { checkDerivation, type DerivationPlace } from './checks.ts';
export {
  type Derivation,
  type DerivationDraft,
  type DerivationOutput,
  derivationName,
  derivationReferences,
  isFixedOutput,
} from './derivation.ts';
export { type HashMethod, parseHashMethod } from './field-rules.ts';
export { type DerivationLookup, HashModulo, hashDerivationModulo } from './hash-modulo.ts';
export { type DerivationJson, type DerivationOutputJson, toJson } from './json.ts';
export { fromJson } from './json-parser.ts';
export { completeDerivation, computeDerivationPath, computeOutputPaths, type NamedDerivation } from './output-paths.ts';
export { type DerivationOrigin, parseDerivation } from './parser.ts';
export { type PrintableDerivation, printDerivation } from './printer.ts';
export { smallerSystem } from './smaller-system.ts';
