/** An app is `src/main.ts` of at most 40 lines, `src/core/`, `src/shell/` (and nothing else), and a README.md. */
import { type Checker, type Problem, readLines, type Workspace } from './checker.ts';

const mostLines = 40;

export const checkAppShape: Checker = (workspace) =>
  workspace.projects.filter(({ layer }) => layer === 'app').flatMap(({ root }) => checkApp(workspace, root));

function checkApp(workspace: Workspace, root: string): readonly Problem[] {
  const { files } = workspace.tree;
  const missing = ['README.md', 'src/main.ts']
    .filter((name) => !files.includes(`${root}/${name}`))
    .map((name) => ({ file: root, message: `the app has no ${name}` }));
  const strange = files
    .filter(
      (file) =>
        file.startsWith(`${root}/src/`) && !/^src\/(?:main\.ts$|core\/|shell\/)/.test(file.slice(root.length + 1)),
    )
    .map((file) => ({ file, message: 'belongs to core/ or shell/' }));
  return [...missing, ...strange, ...checkMain(workspace, `${root}/src/main.ts`)];
}

function checkMain(workspace: Workspace, file: string): readonly Problem[] {
  if (!workspace.tree.files.includes(file)) return [];
  const lines = readLines(workspace, file).length - 1;
  return lines <= mostLines ? [] : [{ file, message: `has ${lines} lines; more than ${mostLines} belong to shell/` }];
}
