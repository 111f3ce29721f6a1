/** Files are named for what they hold: kebab-case, and no name that could hold anything. */
import { posix } from 'node:path';
import { type Checker, ownFiles } from './checker.ts';

const emptyWords = /(?:^|-)(?:utils?|helpers?|common|misc|types|manager)$/;
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

export const checkFileNames: Checker = (workspace) =>
  ownFiles(workspace, /\.(?:ts|mjs|c|h)$/).flatMap((file) => {
    const [name = ''] = posix.basename(file).split('.');
    if (emptyWords.test(name)) return [{ file, message: `\`${name}' could hold anything: name what it holds` }];
    return kebabCase.test(name) ? [] : [{ file, message: 'is not in kebab-case' }];
  });
