/** Nothing names a path of the machine that it was written on. */
import { type Checker, ownFiles, readLines } from './checker.ts';

/** Taken apart here, so that this file passes. */
const machinePath = new RegExp(
  [
    ['/work', '(?:main|shared|\\.library|\\.mirror)\\b'],
    ['/tmp', 'cooper\\b'],
    ['shared', '(?:seeds|design|fixtures)\\b'],
    ['/root', '\\.'],
  ]
    .map((parts) => parts.join('/'))
    .join('|'),
);

export const checkMachinePaths: Checker = (workspace) =>
  ownFiles(workspace, /(?:^|\/)(?:[^./]+|[^/]*\.(?:ts|mjs|json|md|c|h|txt|sh|ya?ml))$/).flatMap((file) =>
    readLines(workspace, file)
      .map(({ line, text }) => ({ line, path: machinePath.exec(text)?.[0] }))
      .filter(({ path }) => path !== undefined)
      .map(({ line, path }) => ({ file, line, message: `names ${path}, which only one machine has` })),
  );
