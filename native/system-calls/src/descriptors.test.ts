import { closeSync, openSync, readFileSync } from 'node:fs';
import t from 'tap';
import { keepAcrossExec } from './index.ts';

const closeOnExec = 0o2000000;

/** The flags of a descriptor, as the kernel shows them. */
function flagsOf(descriptor: number): number {
  const [, flags = ''] = /^flags:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? [];
  return Number.parseInt(flags, 8);
}

t.test('a descriptor stays open for the next program', async (t) => {
  const descriptor = openSync('/dev/null', 'r');
  t.equal(flagsOf(descriptor) & closeOnExec, closeOnExec);
  keepAcrossExec(descriptor);
  t.equal(flagsOf(descriptor) & closeOnExec, 0);
  closeSync(descriptor);
});

t.test('what is not open cannot be kept', async (t) => {
  t.throws(() => keepAcrossExec(9999), { code: 'EBADF' });
});
