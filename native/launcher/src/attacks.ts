/**
 * The attackers of test/programs and what each of their attempts must come to. The ids are those of the catalogue of
 * security cases that the launcher is held to.
 */
import t, { type Test } from 'tap';
import type { Launch } from './launch.ts';
import { type Layout, type Owner, type Run, reasonToSkip, results, Sandbox, store } from './sandbox.ts';

/** The answers that are right for an attempt. */
export type Expected = Readonly<Record<string, string | readonly string[]>>;

interface Attack {
  readonly title: string;
  readonly run: Run;
  /** Unless given: as builds have it. */
  readonly layout?: Layout;
  readonly expected: Expected;
}

function all(names: string, ...answers: string[]): Expected {
  return Object.fromEntries(names.split(' ').map((name) => [name, answers]));
}

const changeWays = 'chmod chmod-setgid fchmod fchmodat fchmodat2 proc-fd 32-chmod 32-fchmod 32-fchmodat 32-fchmodat2';
const createWays = 'creat open openat mknod mknodat mknod-fifo 32-creat 32-open 32-openat 32-mknod 32-mknodat';
const setIdWaysX32 = 'x32-chmod x32-openat x32-fchmodat2';
const bits = `${changeWays} ${createWays} openat2 mkdir mkdirat ${setIdWaysX32}`;

const setId: Expected = {
  // Refused where nobody can make the change without the bits: kernels before 5.8.
  ...all(`${changeWays} chmod-directory`, 'OK', 'EPERM'),
  ...all(`${createWays} openat-tmpfile`, 'EPERM'),
  ...all(`openat2 io-uring 32-io-uring ${setIdWaysX32}`, 'ENOSYS'),
  ...all('mkdir mkdirat 32-getpid', 'OK'),
  ...Object.fromEntries(bits.split(' ').map((way) => [`bit on ${way}`, 'no'])),
  ...all('ordinary-chmod-0666 ordinary-chmod-01750 ordinary-open ordinary-create ordinary-fifo', 'OK'),
};

const attributes: Expected = {
  ...all('setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr', 'EOPNOTSUPP'),
  ...all('removexattr lremovexattr fremovexattr setxattrat acl-access acl-default capability', 'EOPNOTSUPP'),
  immutable: 'EPERM',
  'file-setattr': 'ENOSYS',
};

const denied = ['EACCES', 'EROFS'];
const changes = 'write append truncate chmod utimes';

export function inputs(nested: boolean): Expected {
  const mounts = nested ? 'EINVAL' : 'EPERM';
  return {
    ...all(changes.replace(/(\S+)/g, 'inner-$1 file-$1'), ...denied),
    ...all('inner-unlink create-in-directory chmod-directory', 'EROFS'),
    ...all('inner-rename file-rename inner-link file-link rename-directory', 'EXDEV'),
    ...all('file-unlink remove-directory', 'EPERM', 'EBUSY'),
    ...all('remount-directory remount-file remount-suid setattr-directory setattr-clone remount-elsewhere', 'EPERM'),
    ...all('unmount-directory unmount-file', mounts),
    ...all('clone-tree bind-elsewhere', nested ? 'OK' : 'EPERM'),
  };
}

const network: Expected = {
  ...all('loopback unix-pair netlink-route', 'OK'),
  ...all('ipv4 ipv4-metadata ipv6', 'ENETUNREACH'),
  ...all('netlink-netfilter netlink-audit', 'EPROTONOSUPPORT'),
  ...all('packet vsock alg', 'EAFNOSUPPORT'),
  'vsock-by-multiplexer': 'ENOSYS',
  raw: 'EPERM',
  abstract: 'ECONNREFUSED',
};

/** Files of /proc that the kernel may have been built without. */
const refusedFile = ['EACCES', 'EPERM', 'ENOENT'];

const kernel: Expected = {
  'write /proc/sysrq-trigger': refusedFile,
  'write /proc/sys/kernel/core_pattern': 'EACCES',
  'write /proc/sys/kernel/hostname': 'EACCES',
  'write /proc/sys/vm/drop_caches': 'EACCES',
  'write /proc/sys/kernel/ns_last_pid': refusedFile,
  'write /proc/irq/default_smp_affinity': refusedFile,
  'read /proc/kcore': refusedFile,
  'read /proc/kmsg': refusedFile,
  ...Object.fromEntries(
    ['/sys', '/dev/mem', '/dev/kmsg', '/dev/kvm', '/dev/net/tun', '/dev/console', '/dev/vda', '/dev/fuse'].map(
      (path) => [`read ${path}`, 'ENOENT'],
    ),
  ),
  ...all('setuid-root setgid-root setgroups chown-root', 'EPERM', 'EINVAL'),
  ...all('signal-host trace-host kill-everybody', 'ESRCH'),
  'host-process': 'ENOENT',
  'trace-own-child': 'OK',
  ...all('keyctl-session add-key request-key', 'ENOSYS'),
  ...all('bpf perf userfaultfd kernel-log reboot handle module host-name mount device', 'EPERM'),
  'user-namespace': 'OK',
};

/** In a user namespace the builder owns `/`, which nobody outside can reach; see README.md. */
function roots(kind: Owner['kind']): Expected {
  const owned = kind === 'user' ? 'OK' : 'EPERM';
  return {
    ...all('create-in-root make-directory-in-root create-in-dev', 'EACCES'),
    ...all('chmod-root chmod-parent', owned),
    ...all('create-in-opened-root create-in-etc', kind === 'user' ? 'OK' : 'EACCES'),
    ...all('chmod-own-directory create-in-shm create-in-build-directory', 'OK'),
    ...all('above-root old-root', 'ENOENT'),
  };
}

function catalogue({ kind }: Owner): readonly Attack[] {
  const inputArguments = [`${store}/directory`, `${store}/file`];
  const nested = { nested: 'OK' };
  return [
    { title: 'S18 set-id bits', run: { program: 'attack-set-id' }, expected: setId },
    {
      title: 'S18 set-id bits, nested',
      run: { program: 'attack-set-id', args: ['nested'] },
      expected: { ...setId, ...nested },
    },
    { title: 'S19 attributes', run: { program: 'attack-attributes' }, expected: attributes },
    {
      title: 'S19 attributes, nested',
      run: { program: 'attack-attributes', args: ['nested'] },
      expected: { ...attributes, ...nested },
    },
    { title: 'S21 inputs', run: { program: 'attack-inputs', args: inputArguments }, expected: inputs(false) },
    {
      title: 'S21 inputs, nested',
      run: { program: 'attack-inputs', args: [...inputArguments, 'nested'] },
      expected: { ...inputs(true), ...nested },
    },
    { title: 'S22, S25 kernel', run: { program: 'attack-kernel', args: [String(process.pid)] }, expected: kernel },
    { title: 'S23 network', run: { program: 'attack-network', args: ['nobody'] }, expected: network },
    { title: 'S11, S17 root', run: { program: 'attack-root' }, expected: roots(kind) },
    { title: 'S11, S17 root on disk', run: { program: 'attack-root' }, layout: 'on disk', expected: roots(kind) },
  ];
}

/** Compares every attempt with what it must come to: none may be missing on either side. */
export function checkAttempts(test: Test, launch: Launch, expected: Expected): void {
  test.match(launch, { exitCode: 0, signal: null, report: undefined });
  const seen = results(launch.output);
  test.strictSame(Object.keys(seen).sort(), Object.keys(expected).sort(), 'the same attempts');
  for (const [name, answer] of Object.entries(seen)) {
    const right = [expected[name] ?? []].flat();
    test.ok(right.includes(answer), `${name}: ${answer}`, { right });
  }
}

/** Runs every attacker in a sandbox of its own. */
export function attack(owner: Owner): void {
  for (const { title, run, layout = 'in memory', expected } of catalogue(owner)) {
    t.test(title, { skip: reasonToSkip(owner) }, async (test) => {
      const sandbox = new Sandbox(owner, layout);
      test.teardown(() => sandbox.remove());
      checkAttempts(test, await sandbox.run(run), expected);
    });
  }
}
