import t from 'tap';
import { findHierarchies } from './control-hierarchies.ts';

t.test('version 2 alone', async (t) => {
  const mounts = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';
  t.same(findHierarchies(mounts, '0::/system.slice/cooper.service\n'), [
    { kind: 'unified', directory: '/sys/fs/cgroup/system.slice/cooper.service' },
  ]);
  t.same(findHierarchies(mounts, '0::/\n'), [{ kind: 'unified', directory: '/sys/fs/cgroup' }]);
});

t.test('both versions side by side', async (t) => {
  const mounts = [
    '33 32 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu',
    '34 32 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
    '40 32 0:34 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids',
    '41 32 0:35 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd',
    '42 32 0:36 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
  ].join('\n');
  t.same(findHierarchies(mounts, '9:name=systemd:/a\n8:pids:/b\n4:memory:/m\n1:cpu:/\n0::/\n'), [
    { kind: 'unified', directory: '/sys/fs/cgroup/unified' },
    { kind: 'pids', directory: '/sys/fs/cgroup/pids/b' },
    { kind: 'systemd', directory: '/sys/fs/cgroup/systemd/a' },
    { kind: 'memory', directory: '/sys/fs/cgroup/memory/m' },
  ]);
});

t.test('version 1 with controllers that share a hierarchy, and a place with a blank', async (t) => {
  const mounts = '40 32 0:34 / /sys/my\\040groups rw master:3 propagate_from:2 - cgroup none rw,cpu,pids\n';
  t.same(findHierarchies(mounts, '8:cpu,pids:/x\n'), [{ kind: 'pids', directory: '/sys/my groups/x' }]);
});

t.test('a container that sees only a part', async (t) => {
  const mounts = '30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n';
  t.same(findHierarchies(mounts, '0::/docker/abc\n'), [{ kind: 'unified', directory: '/sys/fs/cgroup' }]);
  t.same(findHierarchies(mounts, '0::/docker/abc/d\n'), [{ kind: 'unified', directory: '/sys/fs/cgroup/d' }]);
  t.same(findHierarchies(mounts, '0::/docker/abcd\n'), [], 'a name that only begins alike');
  t.same(findHierarchies('30 23 0:26 / /g ro - cgroup2 cgroup rw\n', '0::/../other\n'), []);
});

t.test('no control groups at all', async (t) => {
  t.same(findHierarchies('22 1 0:20 / /proc rw - proc proc rw\n', ''), []);
  t.same(findHierarchies('', '0::/\n'), []);
});
