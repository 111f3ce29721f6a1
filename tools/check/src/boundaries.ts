/**
 * Who may import whom: format ← contract ← runtime ← app. Sources import other projects by their packages only, apps never
 * import apps, and what runs in production needs no more than the `dependencies` of package.json. Tests are free, but
 * for the rule about apps.
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { findSourceImports, type Layer, type Project, projectOfFile, readSource } from '@cooper/workspace';
import { type Checker, ownFiles, type Problem, sourceFile, testFile, type Workspace } from './checker.ts';
import { isPure } from './purity.ts';

const everything: readonly Layer[] = ['format', 'contract', 'runtime', 'native', 'app', 'tool', 'test'];

const mayImport: Readonly<Record<Layer, readonly Layer[]>> = {
  format: ['format'],
  contract: ['format', 'contract'],
  runtime: ['format', 'contract', 'runtime', 'native'],
  native: ['format'],
  app: ['format', 'contract', 'runtime', 'native'],
  tool: everything,
  test: everything,
};

/** What an app decides with must not do anything: its `core/` builds on formats and contracts, and types of others. */
const coreMayImport: readonly Layer[] = ['format', 'contract'];

export const checkBoundaries: Checker = (workspace) => {
  const dependencies = readDependencies(workspace);
  return ownFiles(workspace, sourceFile).flatMap((file) => {
    const project = projectOfFile(workspace.projects, file);
    if (project === undefined) return [];
    return findSourceImports(readSource(workspace.tree, file)).flatMap(({ specifier, line, typeOnly }) => {
      const message = isBuiltin(specifier)
        ? undefined
        : findBreach({ workspace, project, file, specifier, typeOnly, dependencies });
      return message === undefined ? [] : [{ file, line, message } satisfies Problem];
    });
  });
};

interface Import {
  readonly workspace: Workspace;
  readonly project: Project;
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly dependencies: ReadonlySet<string>;
}

function findBreach(found: Import): string | undefined {
  const { workspace, project, file, specifier } = found;
  const target = findTarget(found);
  if (target === project) return undefined;
  if (target !== undefined && project.layer === 'app' && target.layer === 'app') return 'an app imports another app';
  if (testFile.test(file) || isSupport(project) || project.layer === 'tool' || project.layer === 'test')
    return undefined;
  if (specifier.startsWith('.')) return `imports ${specifier} from outside of ${project.root}; name its package`;
  if (target !== undefined) return findLayerBreach(workspace, found, target);
  return findPackageBreach(workspace, found);
}

/** The programs in C have no other TypeScript than their tests and what those share. */
function isSupport({ root }: Project): boolean {
  return ['native/launcher', 'native/confine', 'native/busy-items'].includes(root);
}

function findTarget({ workspace: { projects }, file, specifier }: Import): Project | undefined {
  if (specifier.startsWith('.')) return projectOfFile(projects, posix.join(posix.dirname(file), specifier));
  return projects.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
}

function findLayerBreach(
  workspace: Workspace,
  { project, file, typeOnly }: Import,
  target: Project,
): string | undefined {
  const inCore = project.layer === 'app' && !typeOnly && isPure(workspace, file);
  const allowed = inCore ? coreMayImport : mayImport[project.layer];
  if (allowed.includes(target.layer)) return undefined;
  const importer = inCore ? "an app's core" : `layer ${project.layer}`;
  return `${importer} may not import ${target.name} of layer ${target.layer}`;
}

function findPackageBreach(workspace: Workspace, { file, specifier, dependencies }: Import): string | undefined {
  if (isPure(workspace, file)) return `formats, contracts and core import no package, not even ${specifier}`;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return dependencies.has(name) ? undefined : `${name} is not among the dependencies of package.json`;
}

function readDependencies({ tree }: Workspace): ReadonlySet<string> {
  const { dependencies = {} } = JSON.parse(readSource(tree, 'package.json')) as { dependencies?: object };
  return new Set(Object.keys(dependencies));
}
