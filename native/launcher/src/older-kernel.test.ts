/**
 * The launcher on kernels that lack its newer system calls: these answer ENOSYS, by a filter that is in force before the
 * launcher starts. What a builder can do must be the same.
 */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkAttempts, inputs } from './attacks.ts';
import { converse, frame, type Launch, launcherPath, start } from './launch.ts';
import { mount, type Owner, type Run, reasonToSkip, rootOwner, Sandbox, store, userOwner } from './sandbox.ts';
import { entries, mountOptions, sections } from './seen.ts';

const withoutCalls = new URL('../build/test/without-calls', import.meta.url).pathname;

/** Numbers on x86_64, and on everything else from 424 on. */
const calls = {
  open_tree: 428,
  move_mount: 429,
  mount_setattr: 442,
  close_range: 436,
  clone3: 435,
  landlock_create_ruleset: 444,
};

const kernels: Readonly<Record<string, readonly number[]>> = {
  'none of them': Object.values(calls),
  'no mount_setattr (before 5.12)': [calls.mount_setattr],
  'no landlock (before 5.13)': [calls.landlock_create_ruleset],
};

function runOn(kernel: readonly number[], sandbox: Sandbox, run: Run): Promise<Launch> {
  const child = start([withoutCalls, ...kernel.map(String), '--', launcherPath], sandbox.options());
  return converse(child, frame(sandbox.specification(run)));
}

function sandboxOf(test: Test, owner: Owner): Sandbox {
  const sandbox = new Sandbox(owner);
  test.teardown(() => sandbox.remove());
  return sandbox;
}

/** The attacker would use the missing calls too. */
function withoutTrees(expected: ReturnType<typeof inputs>): ReturnType<typeof inputs> {
  return { ...expected, 'clone-tree': 'ENOSYS', 'setattr-directory': 'ENOSYS', 'setattr-clone': 'ENOSYS' };
}

for (const owner of [userOwner, rootOwner]) {
  const skip = reasonToSkip(owner) || (process.arch === 'x64' ? false : 'SKIPPED: the numbers are those of x86_64');

  for (const [title, kernel] of Object.entries(kernels)) {
    t.test(`${owner.kind}: ${title}`, { skip }, async (test) => {
      const sandbox = sandboxOf(test, owner);
      symlinkSync('/etc/hosts', join(sandbox.inputs, 'link'));
      const followed = { ...mount(join(sandbox.inputs, 'link'), '/followed'), followSymlink: true };
      const { output, report } = await runOn(kernel, sandbox, { program: 'probe', mounts: [followed] });
      test.equal(report, undefined);
      const seen = sections(output);
      const mountinfo = seen.get('mountinfo') ?? '';
      test.strictSame(Object.keys(entries(seen.get('fds'))).sort(), ['.', '0', '1', '2']);
      for (const point of [`${store}/directory`, `${store}/file`, '/followed'])
        test.strictSame(mountOptions(mountinfo, point).slice(0, 3), ['ro', 'nosuid', 'nodev'], point);
      test.strictSame(mountOptions(mountinfo, '/').slice(0, 3), ['rw', 'nosuid', 'nodev']);
      test.ok(mountOptions(mountinfo, '/dev/null').includes('nosuid'));
      test.equal(entries(seen.get('ls-store'))['link']?.target, '/etc/hosts');
    });
  }

  t.test(`${owner.kind}: S21 inputs, none of them`, { skip }, async (test) => {
    const run = { program: 'attack-inputs', args: [`${store}/directory`, `${store}/file`] };
    const launch = await runOn(kernels['none of them'] ?? [], sandboxOf(test, owner), run);
    checkAttempts(test, launch, withoutTrees(inputs(false)));
  });
}

t.test(
  'a kernel without seccomp filters is refused, not passed over',
  { skip: reasonToSkip(rootOwner) },
  async (test) => {
    const ended = await runOn([317], sandboxOf(test, rootOwner), { program: 'succeed' });
    test.match(ended, { exitCode: 77, report: { step: 'install-filter', error: 'ENOSYS' } });
  },
);

/** A user namespace in which no further one can be made. */
const withoutNamespaces = ['unshare', '--user', '--map-root-user', 'sh', '-c'];
const forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0"';

t.test(
  'a host without user namespaces is reported, not passed over',
  { skip: reasonToSkip(userOwner) },
  async (test) => {
    const sandbox = sandboxOf(test, userOwner);
    const child = start([...withoutNamespaces, forbid, launcherPath], sandbox.options());
    const ended = await converse(child, frame(sandbox.specification({ program: 'succeed' })));
    test.match(ended, { exitCode: 71, report: { step: 'create-process', error: 'ENOSPC' } });
  },
);
