import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { ByteString } from '@cooper/byte-string';
import t, { type Test } from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import {
  AT_FDCWD,
  close,
  fstatat,
  linkat,
  mkdirat,
  mknodat,
  O_CREAT,
  O_DIRECTORY,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  openat,
  openat2,
  openPath,
  RENAME_EXCHANGE,
  RENAME_NOREPLACE,
  RESOLVE_BENEATH,
  readDirectory,
  readEntries,
  readlinkat,
  renameat,
  rewindDirectory,
  rmdirat,
  S_IFIFO,
  symlinkat,
  unlinkat,
} from './index.ts';

/** An empty directory, its path and a descriptor of it. */
function openArea(t: Test): { readonly area: string; readonly directory: number } {
  const area = temporaryDirectory(t);
  const directory = openPath(area, O_RDONLY | O_DIRECTORY);
  t.teardown(() => close(directory));
  return { area, directory };
}

t.test('entries are made, read, renamed and removed by name', async (t) => {
  const { area, directory } = openArea(t);
  mkdirAndFile(directory);
  t.strictSame(readdirSync(area).sort(), ['directory', 'file', 'link', 'name']);
  t.equal(readlinkat(directory, 'link'), 'some target');
  t.equal(fstatat(directory, 'file').links, 2);
  renameat({ directory, name: 'name' }, { directory, name: 'other' });
  t.throws(() => renameat({ directory, name: 'other' }, { directory, name: 'file' }, RENAME_NOREPLACE), {
    code: 'EEXIST',
  });
  renameat({ directory, name: 'directory' }, { directory, name: 'file' }, RENAME_EXCHANGE);
  t.equal(fstatat(directory, 'file').type, 'directory');
  t.equal(fstatat(directory, 'directory').type, 'regular');
  t.throws(() => unlinkat(directory, 'file'), { code: 'EISDIR' });
  t.throws(() => rmdirat(directory, 'directory'), { code: 'ENOTDIR' });
  rmdirat(directory, 'file');
  for (const name of ['directory', 'link', 'other']) unlinkat(directory, name);
  t.strictSame(readdirSync(area), []);
});

function mkdirAndFile(directory: number): void {
  mkdirat(directory, 'directory', 0o755);
  close(openat(directory, 'file', O_WRONLY | O_CREAT, 0o644));
  symlinkat('some target', directory, 'link');
  linkat({ directory, name: 'file' }, { directory, name: 'name' });
}

t.test('a symlink at the end of a name is not followed', async (t) => {
  const { area, directory } = openArea(t);
  writeFileSync(`${area}/file`, 'x');
  mkdirSync(`${area}/directory`);
  symlinkSync('file', `${area}/to-file`);
  symlinkSync('directory', `${area}/to-directory`);
  t.throws(() => openat(directory, 'to-file', O_RDONLY), { code: 'ELOOP' });
  t.throws(() => openat(directory, 'to-directory', O_RDONLY | O_DIRECTORY), { code: 'ENOTDIR' });
  t.equal(fstatat(directory, 'to-file').type, 'symlink');
  linkat({ directory, name: 'to-file' }, { directory, name: 'name' });
  t.equal(fstatat(directory, 'name').type, 'symlink');
  close(openPath(`${area}/to-file`, O_RDONLY));
});

t.test('openat2 stays where it is told', async (t) => {
  const { area, directory } = openArea(t);
  mkdirSync(`${area}/inner`);
  symlinkSync('..', `${area}/inner/above`);
  symlinkSync('/etc', `${area}/inner/outside`);
  const inner = openat(directory, 'inner', O_RDONLY | O_DIRECTORY);
  const beneath = { flags: O_RDONLY, resolve: RESOLVE_BENEATH };
  for (const path of ['..', 'above', 'outside/passwd', '/etc', '../inner'])
    t.throws(() => openat2(inner, path, beneath), { code: 'EXDEV' }, path);
  close(openat2(directory, 'inner/above/inner', beneath));
  close(inner);
});

t.test('names are bytes, as strings of small characters or as buffers', async (t) => {
  const { area, directory } = openArea(t);
  const every = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 47));
  for (const name of [every.toString('latin1'), every]) {
    mkdirat(directory, name, 0o755);
    t.strictSame(readdirSync(area, 'buffer'), [every]);
    rewindDirectory(directory);
    t.strictSame(readDirectory(directory), [{ name: every.toString('latin1'), type: 'directory' }]);
    rmdirat(directory, name);
  }
  symlinkat(every, directory, 'link');
  t.equal(readlinkat(directory, 'link'), every.toString('latin1'));
});

t.test('names that are none are refused, not cut', async (t) => {
  const { area, directory } = openArea(t);
  for (const name of ['a\0b', 'ā', '€', Buffer.from('a\0b')])
    t.throws(() => mkdirat(directory, name, 0o755), { code: 'EINVAL', syscall: 'mkdirat' });
  t.throws(() => mkdirat(directory, 'n'.repeat(256), 0o755), { code: 'ENAMETOOLONG' });
  for (const length of [4096, 4097, 100_000])
    t.throws(() => mkdirat(directory, 'n/'.repeat(length / 2), 0o755), { code: 'ENAMETOOLONG' });
  t.throws(() => symlinkat('t'.repeat(4096), directory, 'link'), { code: 'ENAMETOOLONG' });
  symlinkat('t'.repeat(4095), directory, 'link');
  t.equal(readlinkat(directory, 'link').length, 4095);
  t.strictSame(readdirSync(area), ['link']);
});

t.test('errors are in the shape of those of Node', async (t) => {
  const { directory } = openArea(t);
  t.throws(() => openat(directory, 'nö', O_RDONLY), {
    code: 'ENOENT',
    errno: -2,
    syscall: 'openat',
    message: /^ENOENT: No such file or directory, openat 'n/,
  });
  t.throws(() => close(-1), { code: 'EBADF', errno: -9, syscall: 'close' });
  const wrong = { code: 'ERR_INVALID_ARG_TYPE' };
  t.throws(() => openat('0' as never, 'x', 0), wrong);
  t.throws(() => openat(directory, 5 as never, 0), wrong);
  t.throws(() => mkdirat(directory, 'x', undefined as never), wrong);
});

t.test('a FIFO blocks nobody', async (t) => {
  const { directory } = openArea(t);
  mknodat(directory, 'fifo', S_IFIFO | 0o600);
  t.equal(fstatat(directory, 'fifo').type, 'fifo');
  close(openat(directory, 'fifo', O_RDONLY | O_NONBLOCK));
  t.throws(() => openat(directory, 'fifo', O_WRONLY | O_NONBLOCK), { code: 'ENXIO' });
});

t.test('a directory is read in parts, all of it once', async (t) => {
  const { area, directory } = openArea(t);
  const names = Array.from({ length: 3000 }, (_, index) => `${index}-${'x'.repeat(index % 100)}`);
  for (const name of names) close(openat(directory, name, O_WRONLY | O_CREAT, 0o644));
  const parts: number[] = [];
  const found: ByteString[] = [];
  for (let entries = readEntries(directory); entries.length > 0; entries = readEntries(directory)) {
    parts.push(entries.length);
    found.push(...entries.map((entry) => entry.name));
  }
  t.strictSame(found.sort(), names.sort());
  t.ok(parts.length > 2 && parts.every((length) => length < 1500), `${parts}`);
  t.strictSame(readEntries(directory), [], 'the end stays the end');
  rewindDirectory(directory);
  t.equal(readDirectory(directory).length, 3000);
  t.ok(existsSync(area));
});

t.test('descriptors are not inherited', async (t) => {
  const { directory } = openArea(t);
  const flags = /^flags:\t(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${directory}`, 'utf8'))?.[1];
  t.ok(Number.parseInt(flags ?? '0', 8) & 0o2000000, 'close-on-exec');
  const other = openat2(AT_FDCWD, '.', { flags: O_RDONLY, resolve: 0 });
  t.match(readFileSync(`/proc/self/fdinfo/${other}`, 'utf8'), /^flags:\t02/m);
  close(other);
});
