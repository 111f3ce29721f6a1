/** The projects of the workspace: folders with a package.json, one layer deep under these. */
import { readSource, type SourceTree } from './source-tree.ts';

export const projectPattern = /^(?:(?:apps|libs|native|tools)\/[^/]+|test)\/package\.json$/;

/** What a project may build on follows from its layer; it is written as an nx tag in package.json. */
export type Layer = 'format' | 'contract' | 'runtime' | 'native' | 'app' | 'tool' | 'test';

const layers: readonly string[] = ['format', 'contract', 'runtime', 'native', 'app', 'tool', 'test'];

export interface Project {
  /** The package's name, `@cooper/…`. */
  readonly name: string;
  /** Its folder, such as `libs/nar`. */
  readonly root: string;
  readonly layer: Layer;
}

/** Every project of a tree. Throws an `Error` for a package.json without a name or without exactly one layer. */
export function listProjects(tree: SourceTree): readonly Project[] {
  return tree.files
    .filter((file) => projectPattern.test(file))
    .map((file) => readProject(file.slice(0, -'/package.json'.length), readSource(tree, file)));
}

function readProject(root: string, manifest: string): Project {
  const { name, nx } = JSON.parse(manifest) as { name?: string; nx?: { tags?: string[] } };
  const [layer, ...others] = (nx?.tags ?? []).filter(isLayer);
  if (name === undefined) throw new Error(`${root}/package.json has no name`);
  if (layer === undefined || others.length > 0)
    throw new Error(`${root}/package.json wants one of nx.tags ${layers.join(', ')}`);
  return { name, root, layer };
}

function isLayer(word: string): word is Layer {
  return layers.includes(word);
}

/** The project that a file belongs to. */
export function projectOfFile(projects: readonly Project[], file: string): Project | undefined {
  return projects.find(({ root }) => file.startsWith(`${root}/`));
}
