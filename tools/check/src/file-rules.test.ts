import t from 'tap';
import { checkErrorCodes } from './error-codes.ts';
import { checkFileLengths } from './file-lengths.ts';
import { checkFileNames } from './file-names.ts';
import { checkLinks } from './links.ts';
import { checkLockFile } from './lock-file.ts';
import { checkMachinePaths } from './machine-paths.ts';
import { tryChecker } from './trial-tree.ts';

t.test('a sound workspace passes', async (t) => {
  const checkers = [checkErrorCodes, checkFileLengths, checkFileNames, checkLinks, checkMachinePaths];
  for (const checker of checkers) t.same(tryChecker(checker, {}), []);
});

t.test('file names: kebab-case, and no name that could hold anything', async (t) => {
  t.same(
    tryChecker(checkFileNames, {
      'libs/nar/src/string-utils.ts': '',
      'libs/nar/src/types.ts': '',
      'libs/nar/src/helper.test.ts': '',
      'libs/nar/src/NarReader.ts': '',
      'libs/nar/src/nar-types-of-entries.ts': '',
      'native/launcher/common.h': '',
      'test/golden/nar/Some_File.c': '',
    }),
    [
      'libs/nar/src/NarReader.ts is not in kebab-case',
      "libs/nar/src/helper.test.ts `helper' could hold anything: name what it holds",
      "libs/nar/src/string-utils.ts `string-utils' could hold anything: name what it holds",
      "libs/nar/src/types.ts `types' could hold anything: name what it holds",
      "native/launcher/common.h `common' could hold anything: name what it holds",
    ],
  );
});

t.test('file lengths: a warning past the limit of the language', async (t) => {
  t.same(
    tryChecker(checkFileLengths, {
      'libs/nar/src/long.ts': 'a();\n'.repeat(251),
      'libs/nar/src/full.ts': 'a();\n'.repeat(250),
      'native/launcher/full.c': 'a();\n'.repeat(300),
      'native/launcher/long.c': 'a();\n'.repeat(301),
    }),
    [
      'libs/nar/src/long.ts warning: has 251 lines, over 250',
      'native/launcher/long.c warning: has 301 lines, over 300',
    ],
  );
});

t.test('machine paths: in sources, pages and scripts', async (t) => {
  const mine = ['', 'work', 'main'].join('/');
  const seeds = ['shared', 'seeds'].join('/');
  t.same(
    tryChecker(checkMachinePaths, {
      'libs/nar/src/index.ts': `\nconst here = '${mine}/libs';\n`,
      'docs/page.md': `see ${seeds}/build.cc\n`,
      '.ci/run': `cd ${mine}\n`,
      Makefile: `all:\n\tls ${mine}\n`,
      'docs/fine.md': 'work/maintenance, shared/seedsman\n',
    }),
    [
      `.ci/run:1 names ${mine}, which only one machine has`,
      `Makefile:2 names ${mine}, which only one machine has`,
      `docs/page.md:1 names ${seeds}, which only one machine has`,
      `libs/nar/src/index.ts:2 names ${mine}, which only one machine has`,
    ],
  );
});

const table = ['| code | cause | remedy |', '|---|---|---|'];

t.test('error codes: every code that is made has a row', async (t) => {
  t.same(
    tryChecker(checkErrorCodes, {
      'docs/errors.md': [...table, '| `listed` | a cause | a remedy |', ''].join('\n'),
      'libs/nar/src/index.ts': [
        "throw new Fault('listed', 'text');",
        "throw new Fault(\n  'wrapped',\n  'text',\n);",
        "throw new Fault(late ? 'too-late' : 'too-early', 'text');",
        "// new Fault('commented', '')",
      ].join('\n'),
      'libs/contracts/src/index.ts': "call({\n errors: ['declared'] })",
      'libs/nar/src/index.test.ts': "new Fault('in-a-test', '');",
    }),
    [
      "libs/contracts/src/index.ts:2 `declared' has no row in docs/errors.md",
      "libs/nar/src/index.ts:6 `too-early' has no row in docs/errors.md",
      "libs/nar/src/index.ts:6 `too-late' has no row in docs/errors.md",
      "libs/nar/src/index.ts:2 `wrapped' has no row in docs/errors.md",
    ],
  );
});

t.test('error codes: rows are in use, whole and in order', async (t) => {
  t.same(
    tryChecker(checkErrorCodes, {
      'docs/errors.md': [...table, '| `b` | x |  |', '| `a` | x | y |', '| `gone` | x | y |', ''].join('\n'),
      'libs/nar/src/index.ts': "new Fault('a', ''); new Fault('b', '');",
    }),
    [
      "docs/errors.md:5 `gone' is in no source",
      "docs/errors.md:3 `b' lacks a cause or a remedy",
      "docs/errors.md:4 `a' is out of order",
    ],
  );
});

t.test('links: to files, folders and headings that are there', async (t) => {
  t.same(
    tryChecker(checkLinks, {
      'docs/a.md': [
        '# First: the `code` & more',
        '[ok](b.md) [ok](b.md#two-words) [ok](../apps/store) [ok](#first-the-code--more) [ok](https://example.org/x)',
        '[bad](c.md)',
        '[bad](b.md#three-words) [bad](#nothing)',
        '`[fine](code.md)`',
        '```\n[fine](fence.md)\n```',
      ].join('\n'),
      'docs/b.md': '## Two words\n```\n# three words\n```\n',
    }),
    [
      'docs/a.md:3 the link c.md leads nowhere',
      'docs/a.md:4 the link b.md#three-words leads nowhere',
      'docs/a.md:4 the link #nothing leads nowhere',
    ],
  );
});

t.test('lock file: knows every project, and the packages of every platform', async (t) => {
  const roots = ['libs/nar', 'libs/hash', 'libs/ipc', 'native/system-calls', 'tools/bench', 'apps/store', 'apps/cli'];
  const known = Object.fromEntries(roots.map((root) => [root, {}]));
  const platforms = { optionalDependencies: { 'tool-linux': '1', 'tool-mac': '1' } };
  const packages = {
    '': {},
    ...known,
    'libs/contracts': { name: '@cooper/other' },
    'node_modules/tool': platforms,
    'node_modules/tool-linux': {},
    'node_modules/parent/node_modules/tool': platforms,
    'node_modules/parent/node_modules/tool-mac': {},
  };
  t.same(tryChecker(checkLockFile, { 'package-lock.json': JSON.stringify({ packages }) }), [
    "package-lock.json does not know libs/contracts: run `npm install'",
    'package-lock.json has lost tool-mac, which node_modules/tool may install: take it over from the last commit',
  ]);
  t.same(tryChecker(checkLockFile, {}), ['package-lock.json is missing']);
});
