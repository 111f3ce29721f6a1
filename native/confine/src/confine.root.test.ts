import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { confine, confinedStatus, isRoot, sets } from './confined.ts';

const skip = isRoot ? false : 'SKIPPED: these tests need root';
const storeRights = 'CAP_CHOWN,CAP_DAC_OVERRIDE,CAP_FOWNER';

t.test('root keeps nothing by being root', { skip }, (test) => {
  test.match(confinedStatus([]), { ...sets(0), NoNewPrivs: '1', Uid: '0\t0\t0\t0', Groups: '' });
  test.end();
});

t.test('exactly the capabilities asked for, as root and as another', { skip }, (test) => {
  const keep = ['--keep-capabilities', storeRights];
  test.match(confinedStatus(keep), { ...sets(0b1011), NoNewPrivs: '1' });
  const status = confinedStatus([...keep, '--uid', '30500', '--gid', '30501']);
  test.match(status, {
    ...sets(0b1011),
    Uid: '30500\t30500\t30500\t30500',
    Gid: '30501\t30501\t30501\t30501',
    Groups: '',
  });
  test.match(confinedStatus(['--keep-capabilities', 'CAP_SETPCAP']), sets(1 << 8));
  test.match(confinedStatus(['--uid', '30500', '--gid', '30501']), sets(0));
  test.end();
});

t.test('what is kept can be used, and nothing else', { skip }, (test) => {
  const directory = mkdtempSync(join(tmpdir(), 'confine-'));
  test.teardown(() => rmSync(directory, { recursive: true }));
  const attempt = (command: string, ...options: string[]) =>
    confine([...options, '--', 'sh', '-c', command]).status === 0;
  const change = `touch ${directory}/f && chown 30500 ${directory}/f`;
  test.ok(attempt(change, '--keep-capabilities', storeRights));
  test.notOk(attempt(change));
  test.notOk(attempt('mount -t tmpfs none /mnt', '--keep-capabilities', storeRights));
  test.notOk(attempt('kill -0 1', '--uid', '30500', '--gid', '30500'));
  test.end();
});

t.test('it is passed on to what the command starts', { skip }, (test) => {
  const { stdout } = confine(['--keep-capabilities', 'CAP_CHOWN', '--', 'sh', '-c', 'sh -c "cat /proc/self/status"']);
  test.match(stdout, /^CapEff:\t0000000000000001$/m);
  test.match(stdout, /^NoNewPrivs:\t1$/m);
  test.end();
});

t.test('a set-user-id program gives nothing back', { skip }, (test) => {
  const directory = mkdtempSync(join(tmpdir(), 'confine-'));
  test.teardown(() => rmSync(directory, { recursive: true }));
  const program = join(directory, 'cat');
  chmodSync(directory, 0o755);
  copyFileSync('/bin/cat', program);
  chmodSync(program, 0o4755);
  const { stdout } = confine(['--uid', '30500', '--gid', '30500', '--', program, '/proc/self/status']);
  test.match(stdout, /^Uid:\t30500\t30500\t30500\t30500$/m);
  test.match(stdout, /^CapEff:\t0000000000000000$/m);
  test.end();
});
