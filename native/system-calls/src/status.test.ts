import { lstatSync, mkdirSync, statfsSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import {
  AT_FDCWD,
  close,
  fchmod,
  fchownat,
  fstat,
  fstatat,
  fstatvfs,
  listxattrat,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  openPath,
  removexattrat,
  setxattrat,
  syncfs,
  utimensat,
} from './index.ts';

t.test('status is what Node says', async (t) => {
  const area = temporaryDirectory(t);
  writeFileSync(`${area}/file`, Buffer.alloc(5000), { mode: 0o640 });
  utimesSync(`${area}/file`, 5, -1.5);
  mkdirSync(`${area}/directory`);
  symlinkSync('nowhere', `${area}/link`);
  for (const name of ['file', 'directory', 'link']) {
    const status = fstatat(AT_FDCWD, `${area}/${name}`);
    const expected = lstatSync(`${area}/${name}`, { bigint: true });
    t.equal(status.mode, Number(expected.mode));
    t.equal(status.size, Number(expected.size));
    t.equal(status.allocated, Number(expected.blocks) * 512);
    t.equal(status.links, Number(expected.nlink));
    t.equal(status.user, Number(expected.uid));
    t.equal(status.group, Number(expected.gid));
    t.equal(status.device, Number(expected.dev));
    t.equal(status.inode, expected.ino);
    t.equal(BigInt(status.seconds) * 1_000_000_000n + BigInt(status.nanoseconds), expected.mtimeNs);
  }
  t.equal(fstatat(AT_FDCWD, `${area}/file`).type, 'regular');
  t.equal(fstatat(AT_FDCWD, '/dev/null').type, 'character-device');
});

t.test('file systems', async (t) => {
  const area = temporaryDirectory(t);
  const descriptor = openPath(area, O_RDONLY);
  const status = fstatvfs(descriptor);
  const expected = statfsSync(area);
  t.equal(status.size, expected.blocks * expected.bsize);
  t.ok(status.free >= status.available && status.available > 0);
  t.equal(status.inodes, expected.files);
  t.equal(status.readOnly, false);
  syncfs(descriptor);
  close(descriptor);
});

t.test('modes, owners and times of a mere handle', async (t) => {
  const area = temporaryDirectory(t);
  writeFileSync(`${area}/file`, 'x');
  const handle = openPath(`${area}/file`, O_PATH);
  fchmod(handle, 0o1711);
  utimensat(handle, '', 1, 5);
  fchownat(handle, '', { user: -1, group: -1 });
  const { mode, seconds, nanoseconds } = fstat(handle);
  t.equal(mode & 0o7777, 0o1711);
  t.strictSame([seconds, nanoseconds], [1, 5]);
  close(handle);
});

t.test('times of symlinks themselves', async (t) => {
  const area = temporaryDirectory(t);
  writeFileSync(`${area}/file`, 'x');
  symlinkSync('file', `${area}/link`);
  const before = lstatSync(`${area}/file`).mtimeMs;
  utimensat(AT_FDCWD, `${area}/link`, 7);
  t.equal(lstatSync(`${area}/link`).mtimeMs, 7000);
  const handle = openPath(`${area}/link`, O_PATH | O_NOFOLLOW);
  utimensat(handle, '', 1);
  fchownat(handle, '', { user: -1, group: -1 });
  t.strictSame(listxattrat(handle, ''), []);
  close(handle);
  t.equal(lstatSync(`${area}/link`).mtimeMs, 1000);
  t.equal(lstatSync(`${area}/file`).mtimeMs, before);
});

t.test('extended attributes, by name, by descriptor and by handle', async (t) => {
  const area = temporaryDirectory(t);
  writeFileSync(`${area}/file`, 'x');
  const directory = openPath(area, O_RDONLY);
  const descriptor = openPath(`${area}/file`, O_RDONLY);
  const handle = openPath(`${area}/file`, O_PATH);
  const ways = [
    [directory, 'file'],
    [descriptor, ''],
    [handle, ''],
  ] as const;
  for (const [place, name] of ways) {
    t.strictSame(listxattrat(place, name), []);
    setxattrat(place, name, { attribute: 'user.a', value: Buffer.from('1') });
    setxattrat(place, name, { attribute: 'user.b', value: Buffer.alloc(0) });
    t.strictSame(listxattrat(place, name).sort(), ['user.a', 'user.b']);
    removexattrat(place, name, 'user.a');
    removexattrat(place, name, 'user.b');
    t.throws(() => removexattrat(place, name, 'user.a'), { code: 'ENODATA' });
  }
  for (let index = 0; index < 50; index++)
    setxattrat(directory, 'file', { attribute: `user.attribute-number-${index}`, value: Buffer.alloc(0) });
  t.equal(listxattrat(directory, 'file').length, 50, 'more than fit in the first buffer');
  t.strictSame(listxattrat(AT_FDCWD, '/proc/self/status'), [], 'none where the file system knows none');
  for (const open of [directory, descriptor, handle]) close(open);
});
