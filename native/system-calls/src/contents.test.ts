import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import {
  AT_FDCWD,
  close,
  makeFileAt,
  makePipe,
  mknodat,
  O_RDONLY,
  openPath,
  read,
  readFileAt,
  S_IFIFO,
  write,
} from './index.ts';

t.test('small files are read in one call, larger ones are left open', async (t) => {
  const area = temporaryDirectory(t);
  const room = Buffer.alloc(100);
  for (const size of [0, 1, 98, 99]) {
    writeFileSync(`${area}/file`, Buffer.alloc(size, 'x'), { mode: 0o640 });
    const file = readFileAt(AT_FDCWD, `${area}/file`, room);
    t.match(file, { kind: 'small', size, length: size, user: process.geteuid?.() });
    t.ok(room.subarray(0, size).every((byte) => byte === 120));
  }
  writeFileSync(`${area}/file`, Buffer.alloc(100, 'y'));
  const file = readFileAt(AT_FDCWD, `${area}/file`, room);
  t.match(file, { kind: 'open', status: { type: 'regular', size: 100 } });
  if (file.kind !== 'open') return;
  t.equal(read(file.descriptor, room), 100);
  t.ok(room.every((byte) => byte === 121));
  t.equal(read(file.descriptor, room), 0);
  close(file.descriptor);
});

t.test('what is not a regular file is never read, waited for or followed', async (t) => {
  const area = temporaryDirectory(t);
  const room = Buffer.alloc(100);
  mknodat(AT_FDCWD, `${area}/fifo`, S_IFIFO | 0o600);
  mkdirSync(`${area}/directory`);
  symlinkSync('fifo', `${area}/link`);
  for (const [name, type] of Object.entries({ fifo: 'fifo', directory: 'directory' })) {
    const file = readFileAt(AT_FDCWD, `${area}/${name}`, room);
    t.match(file, { kind: 'open', status: { type } });
    if (file.kind === 'open') close(file.descriptor);
  }
  t.throws(() => readFileAt(AT_FDCWD, `${area}/link`, room), { code: 'ELOOP' });
});

t.test('files are made whole, with exact mode and time', async (t) => {
  const area = temporaryDirectory(t);
  const umask = process.umask(0o077);
  t.teardown(() => process.umask(umask));
  const contents = Buffer.from('some contents');
  makeFileAt(AT_FDCWD, `${area}/file`, { mode: 0o4555, contents: contents.subarray(5), seconds: 1 });
  t.equal(readFileSync(`${area}/file`, 'utf8'), 'contents');
  t.equal(lstatSync(`${area}/file`).mode & 0o7777, 0o4555);
  t.equal(lstatSync(`${area}/file`).mtimeMs, 1000);
  makeFileAt(AT_FDCWD, `${area}/empty`, { mode: 0o666, contents: new Uint8Array() });
  t.ok(lstatSync(`${area}/empty`).mtimeMs > 1_000_000_000_000);
  symlinkSync('nowhere', `${area}/dangling`);
  for (const name of ['file', 'dangling'])
    t.throws(() => makeFileAt(AT_FDCWD, `${area}/${name}`, { mode: 0o644, contents }), { code: 'EEXIST' }, name);
  t.strictSame(readdirSync(area).sort(), ['dangling', 'empty', 'file']);
});

t.test('reading and writing go on until all is done', async (t) => {
  const pipe = makePipe();
  write(pipe.write, Buffer.from('one'));
  write(pipe.write, Buffer.from('two'));
  close(pipe.write);
  const room = Buffer.alloc(10);
  t.equal(read(pipe.read, room), 6);
  t.equal(room.toString('latin1', 0, 6), 'onetwo');
  t.throws(() => write(pipe.read, room), { code: 'EBADF', syscall: 'write' });
  close(pipe.read);
  const directory = openPath('/', O_RDONLY);
  t.throws(() => read(directory, room), { code: 'EISDIR', syscall: 'read' });
  close(directory);
});
