/** Changes of modes with set-id bits: they are made, without the bits, for whoever builds and wherever. S04, S18. */
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { launch } from './launch.ts';
import { bytes, isRoot, reasonToSkip, results, rootOwner, Sandbox, userOwner } from './sandbox.ts';

const program = fileURLToPath(new URL('../build/test/change-modes', import.meta.url));

const expected = {
  fchmod: 'OK 0711',
  relative: 'OK 0711',
  below: 'OK 0711',
  absolute: 'OK 0711',
  proc: 'OK 0711',
  empty: 'OK 0711',
  link: 'OK 0711',
  'link-itself': 'EOPNOTSUPP 0711',
  flags: 'EINVAL 0000',
  absent: 'ENOENT 0000',
  closed: 'EBADF 0000',
  nowhere: 'EFAULT 0000',
  long: 'ENAMETOOLONG 0000',
  other: /^E(ACCES|PERM|ROFS) 0000$/,
  thread: 'OK 0711',
  chroot: 'OK 0711',
};

/** Kernels that hand system calls on say so. */
function reasonWithoutService(): string | false {
  const actions = readFileSync('/proc/sys/kernel/seccomp/actions_avail', 'utf8');
  return actions.includes('user_notif') ? false : 'SKIPPED: this kernel hands no system calls on';
}

for (const owner of [userOwner, rootOwner]) {
  const skip = reasonToSkip(owner) || reasonWithoutService();

  t.test(`${owner.kind}: without their set-id bits`, { skip }, async (test) => {
    const sandbox = new Sandbox(owner);
    test.teardown(() => sandbox.remove());
    const { output, report, exitCode } = await sandbox.run({ program: 'change-modes' });
    test.equal(report, undefined);
    test.equal(exitCode, 0);
    test.match(results(output), expected);
  });

  t.test(`${owner.kind}: without a sandbox too`, { skip }, async (test) => {
    const directory = mkdtempSync(`${tmpdir()}/modes-`);
    test.teardown(() => rmSync(directory, { recursive: true }));
    chmodSync(directory, 0o700);
    if (isRoot()) chownSync(directory, owner.uid, owner.gid);
    const { uid, gid, kind } = owner;
    const ids = kind === 'root' ? { uid, gid, groups: [gid] } : { uid: null, gid: null, groups: null };
    const command = { builder: bytes(program), args: [bytes('change-modes')], workingDirectory: bytes(directory) };
    const options = kind === 'user' && isRoot() ? { uid, gid } : {};
    const { output, report } = await launch(
      { version: 1, environment: [], ...command, ...ids, sandbox: null },
      options,
    );
    test.equal(report, undefined);
    test.match(results(output), expected);
  });
}
