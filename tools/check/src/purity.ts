/**
 * Formats, contracts and every app's `core/` touch nothing outside of their arguments: no module of Node (the libraries of
 * hashes and signatures may have node:crypto), no clock, no chance, no process.
 */
import { isBuiltin } from 'node:module';
import { blankCommentsAndStrings, findSourceImports, lineAt, projectOfFile, readSource } from '@cooper/workspace';
import { type Checker, ownFiles, type Problem, sourceFile, testFile, type Workspace } from './checker.ts';

const exceptions: ReadonlySet<string> = new Set([
  'libs/hash node:crypto',
  'libs/signature node:crypto',
  // Seeds a hash table against chosen keys; what the library finds does not depend on it.
  'libs/references Math.random',
]);

const impureWords =
  /(?<![.\w#$])(?:process\.|console\.|performance\.|crypto\.|Date\.now|new Date\(\)|Math\.random|(?:fetch|setTimeout|setInterval|setImmediate)\()/g;

export const checkPurity: Checker = (workspace) =>
  ownFiles(workspace, sourceFile)
    .filter((file) => isPure(workspace, file))
    .flatMap((file) => [...findNodeImports(workspace, file), ...findImpureWords(workspace, file)]);

/** Whether a file is one of those: of a format or contract, or in an app's `core/`. Tests are not. */
export function isPure({ projects }: Workspace, file: string): boolean {
  const project = projectOfFile(projects, file);
  if (project === undefined || testFile.test(file)) return false;
  if (project.layer === 'app') return file.startsWith(`${project.root}/src/core/`);
  return project.layer === 'format' || project.layer === 'contract';
}

function findNodeImports({ tree, projects }: Workspace, file: string): readonly Problem[] {
  const root = projectOfFile(projects, file)?.root;
  return findSourceImports(readSource(tree, file))
    .filter(({ specifier }) => isBuiltin(specifier) && !exceptions.has(`${root} ${specifier}`))
    .map(({ specifier, line }) => ({ file, line, message: `formats, contracts and core may not import ${specifier}` }));
}

function findImpureWords({ tree, projects }: Workspace, file: string): readonly Problem[] {
  const root = projectOfFile(projects, file)?.root;
  const code = blankCommentsAndStrings(readSource(tree, file));
  return [...code.matchAll(impureWords)]
    .map(({ 0: word, index }) => ({ word: word.replace(/[.(]$/, ''), index }))
    .filter(({ word }) => !exceptions.has(`${root} ${word}`))
    .map(({ word, index }) => ({
      file,
      line: lineAt(code, index),
      message: `formats, contracts and core may not use \`${word}'`,
    }));
}
