import { readFileSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import t from 'tap';
import { storageFault } from './storage-fault.ts';

const storage = { storeDir: '/gnu/store', databaseDir: '/var/guix/db' };
const systemError = (code: string) => Object.assign(new Error(`${code}: it failed`), { code, syscall: 'write' });

t.test('what errors of storage mean', async (t) => {
  const meanings = [
    [systemError('ENOSPC'), 'disk-full', '/gnu/store'],
    [systemError('EDQUOT'), 'disk-full', '/gnu/store'],
    [systemError('EROFS'), 'read-only-store', '/gnu/store'],
    [systemError('EACCES'), 'read-only-store', '/gnu/store'],
    [systemError('EIO'), 'storage-failed', '/gnu/store'],
    [new Fault('file-system-error', 'cannot make x', { errorCode: 'ENOSPC' }), 'disk-full', '/gnu/store'],
    [Object.assign(new Error('full'), { code: 'SQLITE_FULL' }), 'disk-full', '/var/guix/db'],
    [Object.assign(new Error('ro'), { code: 'SQLITE_READONLY_DIRECTORY' }), 'read-only-store', '/var/guix/db'],
    [Object.assign(new Error('corrupt'), { code: 'SQLITE_CORRUPT' }), 'storage-failed', '/var/guix/db'],
    [new SuppressedError(systemError('EIO'), systemError('ENOSPC')), 'disk-full', '/gnu/store'],
  ] as const;
  for (const [error, code, fileSystem] of meanings) {
    const fault = storageFault(error, storage) as Fault;
    t.match(fault, { code, facts: { fileSystem } }, code);
    t.match(fault.message, fileSystem);
  }
});

t.test('what a system call really throws', async (t) => {
  try {
    readFileSync('/nonexistent/file');
  } catch (error) {
    t.match(storageFault(error, storage), { code: 'storage-failed', facts: { errorCode: 'ENOENT' } });
  }
});

t.test('other errors stay as they are', async (t) => {
  for (const error of [new Error('a bug'), new Fault('invalid-nar', 'not an archive'), undefined]) {
    t.equal(storageFault(error, storage), error);
  }
});
