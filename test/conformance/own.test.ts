/** The conformance kit on our own programs: every scenario holds for each of them, and for agents that others wrote. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const kit = `${checkout}tools/conformance/src/main.ts`;
const inStore = ['--store-dir={store}', '--state-dir={state}'];
const ofScheduler = ['--channel=store=3', '--listen=build-agents={agents}'];
const ofSubstitute = ['--configuration-dir={configuration}', '--substitute-urls=file://{cache}'];

const subjects: readonly (readonly [name: string, contract: string, command: readonly string[]])[] = [
  ['cooper-store', 'store', [`${checkout}apps/store/bin/cooper-store`, ...inStore]],
  ['cooper-scheduler', 'scheduler', [`${checkout}apps/scheduler/bin/cooper-scheduler`, ...inStore, ...ofScheduler]],
  ['cooper-builder', 'build-agent', [`${checkout}apps/builder/bin/cooper-builder`, ...inStore]],
  [
    'cooper-substitute',
    'substitute',
    [`${checkout}apps/substitute/bin/cooper-substitute`, ...inStore, ...ofSubstitute],
  ],
  ['the launcher', 'launcher', [`${checkout}native/launcher/build/launcher`]],
  [
    'a substituter in Python',
    'substitute',
    ['python3', `${checkout}examples/python-agents/directory_substituter.py`, '{cache}'],
  ],
  [
    'a substituter in TypeScript',
    'substitute',
    [process.execPath, `${checkout}examples/node-agents/substituter.ts`, '{cache}'],
  ],
  [
    'a batch queue in Python',
    'build-agent',
    ['python3', `${checkout}examples/python-agents/batch_build_agent.py`, '{state}'],
  ],
];

const hasPython = spawnSync('python3', ['--version']).status === 0;

t.setTimeout(280_000);

for (const [name, contract, command] of subjects) {
  const skip = command[0] === 'python3' && !hasPython ? 'needs python3' : false;
  t.test(`${name} conforms to the contract ${contract}`, { skip }, async (t) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [kit, contract, '--', ...command], {
      encoding: 'utf8',
    });
    t.equal(
      status,
      0,
      stdout
        .split('\n')
        .filter((line) => !line.startsWith('ok'))
        .join('\n') + stderr,
    );
    t.match(stdout, /\n[1-9]\d+ passed, 0 failed\n$/);
  });
}
