/** S34 on machines with other control groups, and without a sandbox: needs root, to show a builder such a machine. */
import { chmodSync, chownSync } from 'node:fs';
import t from 'tap';
import { isRoot, shell, TestBuilder } from './builder.ts';
import { checkNothingStays } from './survivors.ts';

const skip = isRoot ? false : 'needs root: it mounts over /sys/fs/cgroup in a namespace of its own';

/** Hides hierarchies of control groups; where the machine has no such mount there is nothing to hide. */
const hide = (...paths: string[]) => paths.map((path) => `[ ! -e ${path} ] || mount -t tmpfs none ${path}`).join('\n');

const machines = {
  'version 2': '',
  'version 1': hide('/sys/fs/cgroup/unified'),
  'no control groups': hide('/sys/fs/cgroup'),
};

for (const [machine, prelude] of Object.entries(machines)) {
  t.test(`a machine with ${machine}`, { skip }, async (t) => {
    const builder = new TestBuilder({ within: ['unshare', '-m', ...shell(prelude)] });
    t.teardown(() => builder.remove());
    await t.test('in the sandbox', (t) => checkNothingStays(t, builder));
    await t.test('without a sandbox', async (t) => {
      chownSync(builder.store, 0, 20_000);
      chmodSync(builder.store, 0o1775);
      await checkNothingStays(t, builder, { sandbox: false });
    });
    t.equal(/no control groups/.test(builder.stderr.join('')), machine === 'no control groups');
  });
}
