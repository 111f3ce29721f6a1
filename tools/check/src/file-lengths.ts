/** A file that has grown long wants splitting. A warning: where a reason is better than the rule, the file stays. */
import { type Checker, ownFiles, readLines } from './checker.ts';

const limits: readonly (readonly [shape: RegExp, lines: number])[] = [
  [/\.(?:ts|mjs)$/, 250],
  [/\.[ch]$/, 300],
];

export const checkFileLengths: Checker = (workspace) =>
  limits.flatMap(([shape, limit]) =>
    ownFiles(workspace, shape).flatMap((file) => {
      const lines = readLines(workspace, file).length - 1;
      return lines <= limit ? [] : [{ file, message: `has ${lines} lines, over ${limit}`, warning: true as const }];
    }),
  );
