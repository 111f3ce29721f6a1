/** Small checkouts in a temporary folder, for proving that checkers find what they are for. Used by tests only. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { listProjects, readSourceTree } from '@cooper/workspace';
import type { Checker } from './checker.ts';

/** A sound workspace of one project for each layer, which trials spoil. */
const sound: Readonly<Record<string, string>> = {
  'package.json': '{ "dependencies": { "execa": "1.0.0" } }',
  'libs/nar/package.json': manifest('@cooper/nar', 'format'),
  'libs/hash/package.json': manifest('@cooper/hash', 'format'),
  'libs/contracts/package.json': manifest('@cooper/contracts', 'contract'),
  'libs/ipc/package.json': manifest('@cooper/ipc', 'runtime'),
  'native/system-calls/package.json': manifest('@cooper/system-calls', 'native'),
  'tools/bench/package.json': manifest('@cooper/bench', 'tool'),
  'apps/store/package.json': manifest('@cooper/store', 'app'),
  'apps/store/README.md': '# store\n',
  'apps/store/src/main.ts': "import './shell/service.ts';\n",
  'apps/store/src/shell/service.ts': "import { execa } from 'execa';\nimport { call } from '@cooper/ipc';\n",
  'apps/store/src/core/decision.ts': "import { read } from '@cooper/nar';\n",
  'apps/cli/package.json': manifest('@cooper/cli', 'app'),
  'apps/cli/README.md': '# cli\n',
  'apps/cli/src/main.ts': '',
};

function manifest(name: string, layer: string): string {
  return JSON.stringify({ name, nx: { tags: [layer] } });
}

/** What a checker says of the sound workspace with these files added or replaced: `file:line message`, in its order. */
export function tryChecker(checker: Checker, spoiled: Readonly<Record<string, string>>): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'trial-tree-'));
  try {
    execFileSync('git', ['init', '--quiet'], { cwd: root });
    for (const [file, text] of Object.entries({ ...sound, ...spoiled })) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    const tree = readSourceTree(root);
    return checker({ tree, projects: listProjects(tree) }).map(
      ({ file, line, message, warning }) => `${file}${line ? `:${line}` : ''} ${warning ? 'warning: ' : ''}${message}`,
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}
