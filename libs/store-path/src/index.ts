/** Store paths: parsing them, their parts, and computing them from what they stand for. */
export {
  type FixedOutputItem,
  makeFixedOutputPath,
  makeOutputPath,
  makeSourcePath,
  makeTextPath,
  type OutputItem,
  outputPathName,
  type SourceItem,
  storePathOfFingerprint,
  type TextItem,
} from './path-computation.ts';
export { checkStoreDirectory } from './store-directory.ts';
export { checkStoreName, isStoreName, maxNameLength } from './store-name.ts';
export {
  hashPartLength,
  isDerivationPath,
  isHashPart,
  isStorePath,
  parseStorePath,
  type StorePath,
  storePathBaseName,
  storePathHashPart,
  storePathName,
  toStorePath,
} from './store-path.ts';
