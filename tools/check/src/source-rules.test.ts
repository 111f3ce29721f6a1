import t from 'tap';
import { checkAppShape } from './app-shape.ts';
import { checkBoundaries } from './boundaries.ts';
import { checkPurity } from './purity.ts';
import { tryChecker } from './trial-tree.ts';

t.test('a sound workspace passes', async (t) => {
  for (const checker of [checkBoundaries, checkPurity, checkAppShape]) t.same(tryChecker(checker, {}), []);
});

t.test('boundaries: lower layers do not import higher ones', async (t) => {
  t.same(
    tryChecker(checkBoundaries, {
      'libs/nar/src/index.ts':
        "import '@cooper/hash';\nimport '@cooper/contracts';\nimport type { A } from '@cooper/ipc';\n",
      'libs/contracts/src/index.ts': "export * from '@cooper/nar';\nexport * from '@cooper/ipc';\n",
      'libs/ipc/src/index.ts': "import '@cooper/system-calls';\nimport '@cooper/bench';\n",
      'native/system-calls/src/index.ts': "import '@cooper/hash';\nimport '@cooper/ipc';\n",
    }),
    [
      'libs/contracts/src/index.ts:2 layer contract may not import @cooper/ipc of layer runtime',
      'libs/ipc/src/index.ts:2 layer runtime may not import @cooper/bench of layer tool',
      'libs/nar/src/index.ts:2 layer format may not import @cooper/contracts of layer contract',
      'libs/nar/src/index.ts:3 layer format may not import @cooper/ipc of layer runtime',
      'native/system-calls/src/index.ts:2 layer native may not import @cooper/ipc of layer runtime',
    ],
  );
});

t.test('boundaries: apps never import apps, not even in tests', async (t) => {
  const message = 'an app imports another app';
  t.same(
    tryChecker(checkBoundaries, {
      'apps/cli/src/shell/call.ts': "await import('@cooper/store');\n",
      'apps/cli/src/shell/call.test.ts': "\nimport { decide } from '../../../store/src/core/decision.ts';\n",
    }),
    [`apps/cli/src/shell/call.test.ts:2 ${message}`, `apps/cli/src/shell/call.ts:1 ${message}`],
  );
});

t.test('boundaries: a core imports formats and contracts only', async (t) => {
  t.same(
    tryChecker(checkBoundaries, {
      'apps/store/src/core/call.ts':
        "import '@cooper/system-calls';\nimport '@cooper/ipc';\nimport { execa } from 'execa';\n",
      'apps/store/src/core/shape.ts':
        "import type { Call } from '@cooper/ipc';\nimport type { A } from '@cooper/bench';\n",
    }),
    [
      "apps/store/src/core/call.ts:1 an app's core may not import @cooper/system-calls of layer native",
      "apps/store/src/core/call.ts:2 an app's core may not import @cooper/ipc of layer runtime",
      'apps/store/src/core/call.ts:3 formats, contracts and core import no package, not even execa',
      'apps/store/src/core/shape.ts:2 layer app may not import @cooper/bench of layer tool',
    ],
  );
});

t.test('boundaries: other projects by package, packages from the dependencies', async (t) => {
  t.same(
    tryChecker(checkBoundaries, {
      'libs/ipc/src/index.ts': "import '../../nar/src/index.ts';\nimport 'left-pad';\nimport '@scope/name/part';\n",
      'libs/ipc/src/index.test.ts': "import 'left-pad';\nimport '../../nar/src/index.ts';\n",
      'tools/bench/src/main.ts': "import 'left-pad';\nimport '../../../apps/store/src/core/decision.ts';\n",
    }),
    [
      'libs/ipc/src/index.ts:1 imports ../../nar/src/index.ts from outside of libs/ipc; name its package',
      'libs/ipc/src/index.ts:2 left-pad is not among the dependencies of package.json',
      'libs/ipc/src/index.ts:3 @scope/name is not among the dependencies of package.json',
    ],
  );
});

t.test('purity: no module of Node but node:crypto for the hash library', async (t) => {
  t.same(
    tryChecker(checkPurity, {
      'libs/hash/src/index.ts': "import { createHash } from 'node:crypto';\nimport 'fs';\n",
      'libs/nar/src/index.ts': "import { createHash } from 'node:crypto';\n",
      'libs/nar/src/index.test.ts': "import 'node:fs';\n",
      'apps/store/src/core/decision.ts': "import { join } from 'node:path';\n",
      'apps/store/src/shell/service.ts': "import { join } from 'node:path';\n",
    }),
    [
      'apps/store/src/core/decision.ts:1 formats, contracts and core may not import node:path',
      'libs/hash/src/index.ts:2 formats, contracts and core may not import fs',
      'libs/nar/src/index.ts:1 formats, contracts and core may not import node:crypto',
    ],
  );
});

t.test('purity: no clock, no chance, no process', async (t) => {
  const message = 'formats, contracts and core may not use';
  t.same(
    tryChecker(checkPurity, {
      'libs/contracts/src/index.ts':
        "const a = Date.now();\nthis.process.run('process.exit');\n// Math.random\nif (x) setTimeout(f, 1);\nnew Date(0);\n",
      'apps/store/src/core/decision.ts': 'process.exit(1);\nconst b = Math.random();\nconst c = new Date();\n',
      'libs/ipc/src/index.ts': 'process.exit(1);\n',
    }),
    [
      `apps/store/src/core/decision.ts:1 ${message} \`process'`,
      `apps/store/src/core/decision.ts:2 ${message} \`Math.random'`,
      `apps/store/src/core/decision.ts:3 ${message} \`new Date()'`,
      `libs/contracts/src/index.ts:1 ${message} \`Date.now'`,
      `libs/contracts/src/index.ts:4 ${message} \`setTimeout'`,
    ],
  );
});

t.test('app shape: a short main.ts, core/ and shell/ and nothing else, a README.md', async (t) => {
  t.same(
    tryChecker(checkAppShape, {
      'apps/daemon/package.json': '{ "name": "@cooper/daemon", "nx": { "tags": ["app"] } }',
      'apps/cli/src/main.ts': 'start();\n'.repeat(41),
      'apps/store/src/database.ts': '',
    }),
    [
      'apps/cli/src/main.ts has 41 lines; more than 40 belong to shell/',
      'apps/daemon the app has no README.md',
      'apps/daemon the app has no src/main.ts',
      'apps/store/src/database.ts belongs to core/ or shell/',
    ],
  );
});
