/** Control groups, the device of virtual machines, and limits that cannot be set. */
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { frame, launcherPath, start } from './launch.ts';
import { familyOf } from './processes.ts';
import { bytes, reasonToSkip, rootOwner, Sandbox } from './sandbox.ts';
import { entries, sections } from './seen.ts';

const skip = reasonToSkip(rootOwner);

interface Hierarchy {
  readonly directory: string;
  readonly unified: boolean;
}

/** The first unified and the first older hierarchy of control groups that are mounted. */
function hierarchies(): Hierarchy[] {
  const mounts = readFileSync('/proc/mounts', 'latin1')
    .split('\n')
    .map((line) => line.split(' '));
  const find = (type: string) => mounts.find(([, , candidate]) => candidate === type)?.[1];
  const found = [
    { directory: find('cgroup2'), unified: true },
    {
      directory: mounts.find(([, , type, options]) => type === 'cgroup' && options?.includes('pids'))?.[1],
      unified: false,
    },
  ];
  return found.flatMap(({ directory, unified }) => (directory === undefined ? [] : [{ directory, unified }]));
}

function makeGroup(test: Test, hierarchy: Hierarchy): string {
  const directory = join(hierarchy.directory, `launcher-test-${process.pid}`);
  mkdirSync(directory);
  test.teardown(() => rmdirSync(directory));
  return directory;
}

function sandboxOf(test: Test): Sandbox {
  const sandbox = new Sandbox(rootOwner);
  test.teardown(() => sandbox.remove());
  return sandbox;
}

async function membersOf(test: Test, groups: readonly string[], command: readonly string[]): Promise<string[]> {
  const sandbox = sandboxOf(test);
  const child = start(command);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const cgroups = groups.map((group) => bytes(join(group, 'cgroup.procs')));
  (child.stdio[3] as Duplex).write(frame(sandbox.specification({ program: 'act', args: ['sleep'], top: { cgroups } })));
  await new Promise((resolve) => (child.stdout as Readable).once('data', resolve));
  const builder = String(familyOf(child.pid).builder);
  const members = groups.map((group) => readFileSync(join(group, 'cgroup.procs'), 'latin1').trim());
  child.kill('SIGKILL');
  await ended;
  return members.map((pids) => (pids === builder ? 'the builder' : pids));
}

t.test('the builder, and it alone, is in its control groups', { skip }, async (test) => {
  const groups = hierarchies().map((hierarchy) => makeGroup(test, hierarchy));
  test.ok(groups.length > 0, 'there are control groups here');
  test.strictSame(
    await membersOf(test, groups, [launcherPath]),
    groups.map(() => 'the builder'),
  );
});

t.test('control groups in the other order, and without clone3', { skip }, async (test) => {
  const groups = hierarchies().map((hierarchy) => makeGroup(test, hierarchy));
  test.strictSame(
    await membersOf(test, groups.toReversed(), [launcherPath]),
    groups.map(() => 'the builder'),
  );
  const older = [new URL('../build/test/without-calls', import.meta.url).pathname, '435', '--', launcherPath];
  test.strictSame(
    await membersOf(test, groups, older),
    groups.map(() => 'the builder'),
  );
});

t.test('a control group that is not there is reported', { skip }, async (test) => {
  const top = { cgroups: [bytes('/nonexistent/cgroup.procs')] };
  const ended = await sandboxOf(test).run({ program: 'succeed', top });
  test.match(ended, { exitCode: 71, report: { step: 'join-cgroup', error: 'ENOENT' } });
  test.equal(ended.report?.path?.toString(), '/nonexistent/cgroup.procs');
});

t.test('/dev/kvm only when asked for, and only when it is there', { skip }, async (test) => {
  const devices = async (kvm: boolean) => {
    const { output } = await sandboxOf(test).run({ program: 'probe', sandbox: { kvm } });
    return Object.keys(entries(sections(output).get('ls-dev')));
  };
  test.notOk((await devices(false)).includes('kvm'));
  test.equal((await devices(true)).includes('kvm'), existsSync('/dev/kvm'));
});

t.test('no devices and no /proc when not asked for', { skip }, async (test) => {
  const { output } = await sandboxOf(test).run({ program: 'attack-root', sandbox: { devices: false, proc: false } });
  test.match(output, 'create-in-dev: ENOENT');
  test.match(output, 'create-in-shm: ENOENT');
});

t.test('a limit that cannot be set is reported by name', { skip }, async (test) => {
  const limits = [{ resource: 'nofile', soft: 10, hard: 5 }];
  const ended = await sandboxOf(test).run({ program: 'succeed', top: { limits } });
  test.match(ended, { exitCode: 75, report: { step: 'set-limit', error: 'EINVAL' } });
  test.equal(ended.report?.path?.toString(), 'nofile');
});

t.test('a host name of another length', { skip }, async (test) => {
  const { output } = await sandboxOf(test).run({ program: 'probe', sandbox: { hostName: 'a.b', domainName: 'c' } });
  test.match(output, '== hostname\na.b\n== domainname\nc\n');
  const ended = await sandboxOf(test).run({ program: 'succeed', sandbox: { hostName: 'x'.repeat(65) } });
  test.match(ended, { exitCode: 73, report: { step: 'set-host-name', error: 'EINVAL' } });
});
