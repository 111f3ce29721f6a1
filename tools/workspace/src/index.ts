export { type Layer, listProjects, type Project, projectOfFile, projectPattern } from './project.ts';
export {
  blankComments,
  blankCommentsAndStrings,
  findSourceImports,
  lineAt,
  type SourceImport,
} from './source-imports.ts';
export { readSource, readSourceTree, type SourceTree } from './source-tree.ts';
