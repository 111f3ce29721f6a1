/**
 * Tells nx what each project has to do and what it depends on, so that no project has to say it itself: `build` where
 * there is a Makefile, `types` where there is a tsconfig.json, `test` where there are tests.
 *
 * A project depends on another when a source of it names the other: by its package, or by its folder, as a test does
 * that starts `native/launcher/build/…`.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CreateDependencies, CreateNodes, DependencyType, TargetConfiguration } from 'nx/src/devkit-exports.js';
import { blankComments } from './source-imports.ts';

/** The folder of tests that start whole processes. They get the machine to themselves, and the sources of everything. */
const wholeTests = 'test';

/** By its value: nx's enum is no module that could be imported cheaply. */
const staticDependency = 'static' as DependencyType.static;

export const name = 'cooper-workspace';

export const createNodes: CreateNodes = [
  '{{apps,libs,native,tools}/*,test}/package.json',
  (manifests, _options, { workspaceRoot }) =>
    manifests.map((manifest) => {
      const root = dirname(manifest);
      return [manifest, { projects: { [root]: { root, targets: findTargets(workspaceRoot, root) } } }];
    }),
];

function findTargets(workspaceRoot: string, root: string): Record<string, TargetConfiguration> {
  const folder = join(workspaceRoot, root);
  return {
    ...(existsSync(join(folder, 'Makefile')) && { build: buildTarget(root) }),
    ...(existsSync(join(folder, 'tsconfig.json')) && { types: typesTarget(root) }),
    ...(globSync('**/*.test.ts', { cwd: folder }).length > 0 && { test: testTarget(root) }),
  };
}

function buildTarget(root: string): TargetConfiguration {
  return {
    command: `make --silent -C ${root}`,
    cache: true,
    inputs: ['native', { runtime: 'uname -m' }, { runtime: 'cc -dumpfullversion' }],
    outputs: ['{projectRoot}/build'],
  };
}

function typesTarget(root: string): TargetConfiguration {
  return {
    command: `tsc -p ${root}`,
    cache: true,
    inputs: ['default', '^production', '{workspaceRoot}/tsconfig.base.json', 'installed'],
  };
}

function testTarget(root: string): TargetConfiguration {
  return {
    command: `node tools/test-runner/src/main.ts ${root}`,
    cache: true,
    parallelism: root !== wholeTests,
    dependsOn: ['build', '^build'],
    inputs: ['default', '^production', 'testData', 'installed', 'machine', { env: 'ACCEPT' }],
    outputs: [`{workspaceRoot}/dist/test-results/${root}`],
  };
}

export const createDependencies: CreateDependencies = (_options, { filesToProcess, projects, workspaceRoot }) => {
  const byName = new Map(
    Object.entries(projects).flatMap(([name, { root }]) => [
      [name, name],
      [root, name],
    ]),
  );
  return Object.entries(filesToProcess.projectFileMap).flatMap(([source, files]) =>
    files
      .filter(({ file }) => /\.(?:ts|mjs)$/.test(file))
      .flatMap(({ file }) =>
        findNamedProjects(readFileSync(join(workspaceRoot, file), 'utf8'))
          .map((word) => byName.get(word))
          .filter((target) => target !== undefined && target !== source)
          .map((target) => ({ source, target: target as string, sourceFile: file, type: staticDependency })),
      ),
  );
};

const mention = /(['"`])(?:[^'"`\n]*\/)?(@cooper\/[\w-]+|(?:apps|libs|native|tools)\/[\w-]+)/g;

/** The packages (`@cooper/nar`) and folders (`libs/nar`) that the strings of a source name, each once. */
export function findNamedProjects(source: string): readonly string[] {
  return [...new Set([...blankComments(source).matchAll(mention)].map((match) => match[2] ?? ''))];
}
