/** What an attacker outside can do with the help of one inside, and what inputs look like afterwards. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  lstatSync,
  lutimesSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { converse, frame, launcherPath, start } from './launch.ts';
import { familyOf } from './processes.ts';
import { buildDirectory, bytes, mount, type Run, reasonToSkip, rootOwner, Sandbox, store } from './sandbox.ts';
import { entries, sections } from './seen.ts';

const skip = reasonToSkip(rootOwner);
const intruder = { uid: 30666, gid: 30666 };

function sandboxOf(test: Test): Sandbox {
  const sandbox = new Sandbox(rootOwner);
  test.teardown(() => sandbox.remove());
  return sandbox;
}

/** Whether a stranger can list a path. */
function canList(path: string, ids = intruder): boolean {
  return spawnSync('ls', [path], ids).status === 0;
}

t.test('S11 an opened build directory stays closed to others', { skip }, async (test) => {
  const sandbox = sandboxOf(test);
  const { report } = await sandbox.run({ program: 'attack-root' });
  test.equal(report, undefined);
  test.equal(statSync(sandbox.build).mode & 0o777, 0o777, 'the builder opened it');
  for (const path of [sandbox.build, sandbox.root, join(sandbox.build, 'x')]) {
    test.notOk(canList(path), `a stranger and ${path}`);
    test.notOk(canList(path, rootOwner), `the build user outside and ${path}`);
  }
});

async function startSleeper(test: Test, sandbox: Sandbox, run: Run): Promise<number> {
  const child = start([launcherPath]);
  test.teardown(() => child.kill('SIGKILL'));
  (child.stdio[3] as Duplex).write(frame(sandbox.specification(run)));
  await new Promise((resolve) => (child.stdout as Readable).once('data', resolve));
  return familyOf(child.pid).builder;
}

t.test('S11 a stranger cannot come in by the process', { skip }, async (test) => {
  const builder = await startSleeper(test, sandboxOf(test), { program: 'act', args: ['sleep'] });
  for (const name of ['root', 'cwd', 'fd']) test.notOk(canList(`/proc/${builder}/${name}/`), name);
  test.ok(canList(`/proc/${builder}/root/`, { uid: 0, gid: 0 }), 'root can: the path is right');
});

t.test('S21 inputs are what they were, inode and all', { skip }, async (test) => {
  const sandbox = sandboxOf(test);
  const facts = () =>
    ['file', 'directory', 'directory/file'].map((name) => {
      const { ino, mode, nlink, uid, mtimeMs, size } = statSync(join(sandbox.inputs, name));
      return { ino, mode, nlink, uid, mtimeMs, size };
    });
  const before = facts();
  for (const nested of [[], ['nested']]) {
    const args = [`${store}/directory`, `${store}/file`, ...nested];
    await sandbox.run({ program: 'attack-inputs', args });
    test.strictSame(facts(), before);
    execFileSync('rm', ['-rf', sandbox.root]);
    execFileSync('mkdir', ['-p', join(sandbox.root, 'tmp')]);
  }
});

t.test('S07 descriptors that leak into the launcher end there', { skip }, async (test) => {
  const sandbox = sandboxOf(test);
  const leaked = openSync('/etc/passwd', 'r');
  test.teardown(() => closeSync(leaked));
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe', leaked, 'ignore', 'pipe', leaked];
  const { spawn } = await import('node:child_process');
  const child = spawn(launcherPath, { stdio: stdio as never });
  const { output } = await converse(child, frame(sandbox.specification({ program: 'probe' })));
  test.strictSame(Object.keys(entries(sections(output).get('fds'))).sort(), ['.', '0', '1', '2']);
});

t.test('mounts do not reach the host', { skip }, async (test) => {
  const sandbox = sandboxOf(test);
  const before = readFileSync('/proc/self/mountinfo', 'latin1');
  await startSleeper(test, sandbox, { program: 'act', args: ['sleep'] });
  test.equal(readFileSync('/proc/self/mountinfo', 'latin1'), before);
  test.strictSame(readdirSync(join(sandbox.root, 'dev')), []);
});

t.test('mounts do not reach a host whose mounts are shared', { skip }, async (test) => {
  const sandbox = sandboxOf(test);
  const child = start(['unshare', '--mount', '--propagation', 'shared', launcherPath]);
  test.teardown(() => child.kill('SIGKILL'));
  const channel = child.stdio[3] as Duplex;
  const silent = new Promise((resolve) => channel.once('end', resolve));
  channel.on('data', (report: Buffer) => test.fail(report.toString('latin1')));
  channel.write(frame(sandbox.specification({ program: 'act', args: ['sleep'] })));
  await silent;
  const seen = readFileSync(`/proc/${child.pid}/mountinfo`, 'latin1');
  test.match(seen, ' shared:', 'the host of this launcher shares');
  test.notMatch(seen, sandbox.base);
});

t.test('S30 a link in the root does not lead out of it', { skip }, async (test) => {
  const sandbox = sandboxOf(test);
  symlinkSync(sandbox.inputs, join(sandbox.root, 'out'));
  symlinkSync('/etc/passwd', join(sandbox.root, 'etc/passwd'));
  const through = await sandbox.run({ program: 'succeed', mounts: [mount('/etc/hosts', '/out/made')] });
  test.match(through, { exitCode: 72, report: { step: 'create-mount-point', error: 'ENOTDIR' } });
  test.notOk(readdirSync(sandbox.inputs).includes('made'));
  const onto = await sandbox.run({ program: 'succeed', mounts: [mount('/etc/hosts', '/etc/passwd')] });
  test.match(onto, { report: { step: 'create-mount-point', error: 'ELOOP' } });
  for (const target of ['/a/../b', '/a//b', '/a/.', '/a/', '/', 'a', '/a\0b'])
    test.match(
      await sandbox.run({ program: 'succeed', mounts: [mount('/etc/hosts', target)] }),
      { exitCode: 65 },
      target,
    );
});

t.test('no mount point is made in a directory of the host', { skip }, async (test) => {
  const sandbox = sandboxOf(test);
  const mounts = [mount(sandbox.inputs, '/host', false), mount('/etc/hosts', '/host/made')];
  const ended = await sandbox.run({ program: 'succeed', mounts });
  test.match(ended, { exitCode: 72, report: { step: 'mount-input', error: 'ENOENT' } });
  test.notOk(readdirSync(sandbox.inputs).includes('made'));
});

t.test('a root in memory leaves nothing on the host, and only its bases get mount points', { skip }, async (test) => {
  const sandbox = new Sandbox(rootOwner, 'in memory');
  test.teardown(() => sandbox.remove());
  const mountPoint = join(sandbox.base, 'mount-point');
  const mounts = [mount('/etc/hosts', '/a/b/hosts'), mount(sandbox.inputs, '/host', false)];
  const { output } = await sandbox.run({ program: 'probe', mounts });
  test.ok(entries(sections(output).get('ls-root'))['host']);
  test.strictSame(readdirSync(mountPoint), []);
  test.strictSame(readdirSync(join(sandbox.root, 'tmp')), ['guix-build-probe.drv-0']);
  const inHost = [mount(sandbox.inputs, '/host', false), mount('/etc/hosts', '/host/made')];
  const refused = await sandbox.run({ program: 'succeed', mounts: inHost });
  test.match(refused, { exitCode: 72, report: { step: 'mount-input', error: 'ENOENT' } });
  test.notOk(readdirSync(sandbox.inputs).includes('made'));
  const file = { ...mount('/etc/hosts', '/base', false), base: true };
  const noBase = await sandbox.run({ program: 'succeed', mounts: [file] });
  test.match(noBase, { exitCode: 72, report: { step: 'mount-input', error: 'ENOTDIR' } });
  const freshRoot = { mode: 0o750, files: [{ path: bytes('/etc'), contents: bytes(''), mode: 0o644 }] };
  const twice = { ...freshRoot, files: [...freshRoot.files, ...freshRoot.files] };
  const clash = await sandbox.run({ program: 'succeed', sandbox: { freshRoot: twice } });
  test.match(clash, { exitCode: 72, report: { step: 'mount-root', error: 'EEXIST' } });
});

t.test('sources: optional, symbolic links, missing', { skip }, async (test) => {
  const sandbox = sandboxOf(test);
  symlinkSync(`${store}/file`, join(sandbox.inputs, 'link'));
  lutimesSync(join(sandbox.inputs, 'link'), 1, 1);
  writeFileSync(join(sandbox.base, 'extra'), 'extra\n');
  const absent = { ...mount('/nonexistent', '/absent'), optional: true };
  const followed = { ...mount(join(sandbox.inputs, 'link'), '/followed'), followSymlink: true, optional: true };
  const ended = await sandbox.run({
    program: 'probe',
    mounts: [absent, mount(join(sandbox.base, 'extra'), '/a/b/extra'), followed],
  });
  const seen = sections(ended.output);
  test.equal(entries(seen.get('ls-store'))['link']?.target, `${store}/file`, 'made again as a link');
  test.notOk(entries(seen.get('ls-root'))['absent']);
  test.match(seen.get('mountinfo'), ' /a/b/extra ro,nosuid,nodev');
  test.equal(readlinkSync(join(sandbox.root, store, 'link')), `${store}/file`);
  test.equal(lstatSync(join(sandbox.root, store, 'link')).mtimeMs, 1000, 'with its time');
  const missing = await sandboxOf(test).run({ program: 'succeed', mounts: [mount('/nonexistent', '/absent')] });
  test.match(missing, { exitCode: 72, report: { step: 'mount-input', error: 'ENOENT' } });
  test.equal(missing.report?.path?.toString(), '/nonexistent');
});

t.test('a builder that is root cannot turn the switches of the machine', { skip }, async (test) => {
  const sandbox = new Sandbox({ kind: 'root', uid: 0, gid: 0 });
  test.teardown(() => sandbox.remove());
  const { output, report } = await sandbox.run({ program: 'attack-kernel', args: ['1'] });
  test.equal(report, undefined);
  test.match(output, 'write /proc/sys/kernel/core_pattern: EROFS');
  test.match(output, 'write /proc/sys/vm/drop_caches: EROFS');
  test.match(output, /^mount: EPERM$/m);
});

t.test('a root that is not there is reported', { skip }, async (test) => {
  const ended = await sandboxOf(test).run({ program: 'succeed', sandbox: { root: bytes('/nonexistent') } });
  test.match(ended, { exitCode: 72, report: { step: 'mount-root', error: 'ENOENT' } });
  const directory = await sandboxOf(test).run({
    program: 'succeed',
    top: { workingDirectory: bytes(`${buildDirectory}/x`) },
  });
  test.match(directory, { exitCode: 72, report: { step: 'enter-working-directory', error: 'ENOENT' } });
});
