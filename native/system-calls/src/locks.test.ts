import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { close, O_RDWR, openPath, tryLock, unlock } from './index.ts';

function makeFile(t: Test): string {
  const path = `${temporaryDirectory(t)}/lock`;
  writeFileSync(path, '');
  return path;
}

t.test('an exclusive lock keeps others out, a shared one only writers', async (t) => {
  const path = makeFile(t);
  const [one, two] = [openPath(path, O_RDWR), openPath(path, O_RDWR)];
  t.equal(tryLock(one, true), true);
  t.equal(tryLock(one, true), true, 'who has it may ask again');
  t.equal(tryLock(two, true), false);
  t.equal(tryLock(two, false), false);
  t.equal(tryLock(one, false), true, 'made a shared one');
  t.equal(tryLock(two, false), true);
  t.equal(tryLock(one, true), false);
  unlock(two);
  t.equal(tryLock(one, true), true);
  close(one);
  t.equal(tryLock(two, true), true, 'gone with its descriptor');
  close(two);
});

t.test('closing another descriptor of the file loses nothing', async (t) => {
  const path = makeFile(t);
  const one = openPath(path, O_RDWR);
  tryLock(one, true);
  close(openPath(path, O_RDWR));
  const two = openPath(path, O_RDWR);
  t.equal(tryLock(two, false), false);
  close(one);
  close(two);
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
const skip = hasPython ? false : 'SKIPPED: no python3 to take a record lock with';

t.test('record locks of other programs stand in the way', { skip }, async (t) => {
  const python = 'import fcntl, sys\nfcntl.lockf(open(sys.argv[1], "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)';
  const lockElsewhere = (path: string) => spawnSync('python3', ['-c', python, path]).status;
  const path = makeFile(t);
  const descriptor = openPath(path, O_RDWR);
  t.equal(lockElsewhere(path), 0);
  tryLock(descriptor, true);
  t.equal(lockElsewhere(path), 1);
  close(descriptor);
});

t.test('what cannot be locked fails', async (t) => {
  t.throws(() => tryLock(-1, true), { code: 'EBADF', syscall: 'fcntl' });
});
