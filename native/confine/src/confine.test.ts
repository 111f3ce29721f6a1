import t from 'tap';
import { confine, confinedStatus, isRoot } from './confined.ts';

const nobody = isRoot ? { uid: 65534, gid: 65534 } : undefined;

t.test('somebody without rights can give up the right to get some', (test) => {
  const status = confinedStatus([], nobody);
  test.match(status, {
    NoNewPrivs: '1',
    CapPrm: '0000000000000000',
    CapInh: '0000000000000000',
    CapAmb: '0000000000000000',
  });
  test.end();
});

t.test('a capability that is not held cannot be kept', (test) => {
  const { status, stderr } = confine(['--keep-capabilities', 'CAP_KILL', '--', 'true'], nobody);
  test.equal(status, 77);
  test.equal(stderr, 'confine: cannot keep CAP_KILL: Operation not permitted\n');
  test.end();
});

t.test('somebody without rights cannot take other ids', (test) => {
  test.equal(confine(['--uid', '1', '--gid', '1', '--', 'true'], nobody).status, 77);
  test.end();
});

t.test('the command gets its arguments and its exit code is passed on', (test) => {
  const { status, stdout } = confine(['--', 'sh', '-c', 'echo "$1"; exit 7', 'sh', '--uid'], nobody);
  test.match({ status, stdout }, { status: 7, stdout: '--uid\n' });
  test.end();
});

t.test('a command that cannot be run', (test) => {
  test.equal(confine(['--', '/nonexistent']).status, 127);
  test.equal(confine(['--', '/etc/passwd']).status, 126);
  test.end();
});

t.test('what is not understood is refused', (test) => {
  const wrong = [
    [],
    ['--'],
    ['true'],
    ['--uid', '1', '--', 'true'],
    ['--gid', '1', '--', 'true'],
    ['--uid', '-1', '--gid', '1', '--', 'true'],
    ['--uid', '4294967295', '--gid', '1', '--', 'true'],
    ['--uid', '1x', '--gid', '1', '--', 'true'],
    ['--uid', '', '--gid', '1', '--', 'true'],
    ['--keep-capabilities', 'CAP_NONSENSE', '--', 'true'],
    ['--keep-capabilities', '', '--', 'true'],
    ['--keep-capabilities', 'cap_chown', '--', 'true'],
    ['--keep-capabilities', '--', 'true'],
    ['--all'],
  ];
  for (const args of wrong) {
    const { status, stderr } = confine(args);
    test.equal(status, 64, args.join(' '));
    test.match(stderr, /^confine: .+\nusage: confine /);
  }
  test.end();
});
