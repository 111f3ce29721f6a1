/** The checks of `npm run check`, in the order in which they are told. */
import { checkAppShape } from './app-shape.ts';
import { checkBoundaries } from './boundaries.ts';
import type { Checker } from './checker.ts';
import { checkErrorCodes } from './error-codes.ts';
import { checkFileLengths } from './file-lengths.ts';
import { checkFileNames } from './file-names.ts';
import { checkLinks } from './links.ts';
import { checkLockFile } from './lock-file.ts';
import { checkMachinePaths } from './machine-paths.ts';
import { checkPurity } from './purity.ts';

/** Rules of our own, each a function from sources to problems. */
export const checkers: Readonly<Record<string, Checker>> = {
  boundaries: checkBoundaries,
  purity: checkPurity,
  'app shape': checkAppShape,
  'file names': checkFileNames,
  'file lengths': checkFileLengths,
  'machine paths': checkMachinePaths,
  'error codes': checkErrorCodes,
  links: checkLinks,
  'lock file': checkLockFile,
};

/** Programs that check. They run two at a time, the longest first. */
export const commands: Readonly<Record<string, readonly string[]>> = {
  'fast tests': ['node', 'tools/test-runner/src/run-all.ts', '--fast'],
  types: ['tsc', '-p', 'tsconfig.json', '--pretty', 'false'],
  'format and lint': ['biome', 'ci', '--colors=off', '--reporter=summary', '.'],
  'generated pages': ['node', 'tools/contract-docs/src/main.ts', '--check'],
};
