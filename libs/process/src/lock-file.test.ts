import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { lockFile } from './lock-file.ts';

const module = fileURLToPath(new URL('lock-file.ts', import.meta.url));

/** Whether another process gets the lock. */
function othersGet(path: string): boolean {
  const script = `import { lockFile } from ${JSON.stringify(module)};
    process.exit(lockFile(${JSON.stringify(path)}) === null ? 1 : 0);`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }).status === 0;
}

t.test('one has the lock at a time, and it goes with its holder', async (t) => {
  const path = `${t.testdir()}/lock`;
  t.ok(othersGet(path), 'a process that ends leaves no lock');
  const lock = lockFile(path);
  t.ok(lock);
  t.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  t.notOk(othersGet(path));
  t.equal(lockFile(path), null, 'nor do we get it twice');
  lock?.release();
  t.ok(othersGet(path));
});

t.test('a symlink is not followed', async (t) => {
  const path = `${t.testdir()}/lock`;
  symlinkSync('elsewhere', path);
  t.throws(() => lockFile(path), { code: 'ELOOP' });
});
