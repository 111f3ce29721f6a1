import t from 'tap';
import { createDependencies, createNodes, findNamedProjects } from './nx-plugin.ts';

t.test('a source names projects by package and by folder, not in comments', async (t) => {
  const source = [
    "import { a } from '@cooper/nar';",
    "import '@cooper/nar/part';",
    "const launcher = new URL('../../../native/launcher/build/launcher', import.meta.url);",
    'const app = `$' + '{root}/apps/store/src/main.ts`;',
    "// '@cooper/hash'",
    'libs / hash;',
  ].join('\n');
  t.same(findNamedProjects(source), ['@cooper/nar', 'native/launcher', 'apps/store']);
});

t.test('targets follow from the files of a project', async (t) => {
  const workspaceRoot = t.testdir({
    libs: {
      tested: { 'package.json': '', 'tsconfig.json': '', src: { 'index.test.ts': '' } },
      bare: { 'package.json': '' },
    },
    native: { launcher: { 'package.json': '', Makefile: '', test: { 'launch.root.test.ts': '' } } },
    test: { 'package.json': '', functional: { 'build.test.ts': '' } },
  });
  const manifests = ['libs/tested', 'libs/bare', 'native/launcher', 'test'].map((root) => `${root}/package.json`);
  const nodes = await createNodes[1](manifests, undefined, { workspaceRoot, nxJsonConfiguration: {} });
  const targets = nodes.flatMap(([, { projects = {} }]) => Object.values(projects).map(({ targets = {} }) => targets));
  t.same(targets.map(Object.keys), [['types', 'test'], [], ['build', 'test'], ['test']]);
  t.same(
    targets.map(({ test }) => test?.parallelism),
    [true, undefined, true, false],
  );
});

t.test('a project depends on what its sources name, not on itself', async (t) => {
  const workspaceRoot = t.testdir({
    libs: { nar: { 'index.ts': "import '@cooper/hash'; import '@cooper/nar'; import '@cooper/unknown';" } },
  });
  const dependencies = await createDependencies(undefined, {
    workspaceRoot,
    projects: { '@cooper/nar': { root: 'libs/nar' }, '@cooper/hash': { root: 'libs/hash' } },
    filesToProcess: {
      nonProjectFiles: [],
      projectFileMap: { '@cooper/nar': [{ file: 'libs/nar/index.ts', hash: '' }] },
    },
    fileMap: { nonProjectFiles: [], projectFileMap: {} },
    externalNodes: {},
    nxJsonConfiguration: {},
  });
  t.same(dependencies, [
    { source: '@cooper/nar', target: '@cooper/hash', sourceFile: 'libs/nar/index.ts', type: 'static' },
  ]);
});
