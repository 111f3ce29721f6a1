/** What a builder sees, beside what the reference daemon showed to one (test/golden/sandbox). */
import t, { type Test } from 'tap';
import { bytes, reasonToSkip, rootOwner, Sandbox, store } from './sandbox.ts';
import { entries, mountOptions, mounts, recorded, recordedEntries, sections, status } from './seen.ts';

const skip = reasonToSkip(rootOwner);
const normal = 'chroot-users-normal';

/** The daemon's choices, which the specification carries. */
const reference = {
  personality: { noRandomize: true },
  oomScoreAdj: 1000,
  umask: 0o022,
  limits: [{ resource: 'core', soft: 0, hard: null }],
};

async function look(test: Test, top: Record<string, unknown> = {}): Promise<ReadonlyMap<string, string>> {
  const sandbox = new Sandbox(rootOwner, 'in memory');
  test.teardown(() => sandbox.remove());
  const { output, report } = await sandbox.run({ program: 'probe', top: { ...reference, ...top } });
  test.equal(report, undefined);
  return sections(output);
}

t.test('the traits of the process', { skip }, async (test) => {
  const seen = await look(test);
  for (const name of ['umask', 'cwd', 'hostname', 'domainname', 'personality', 'oom-score-adj'])
    test.equal(seen.get(name), recorded(normal, name), name);
  test.equal(seen.get('session'), '1 0 1 1\n', 'pid, parent, group, session');
  const recordedStat = recorded(normal, 'proc-stat').split(') ')[1]?.split(' ') ?? [];
  test.strictSame(recordedStat.slice(1, 4), ['0', '1', '1'], 'as recorded');
  test.equal(seen.get('machine'), 'x86_64\n');
});

t.test('32-bit builds believe in another machine', { skip }, async (test) => {
  const seen = await look(test, { personality: { noRandomize: true, linux32: true } });
  test.equal(seen.get('personality'), recorded('chroot-users-i686', 'personality'));
  test.match(recorded('chroot-users-i686', 'uname'), ` ${seen.get('machine')?.trim()} `);
});

t.test('an old kernel can be played', { skip }, async (test) => {
  test.match((await look(test, { personality: { uname26: true } })).get('release'), /^2\.6\./);
});

t.test('directories', { skip }, async (test) => {
  const seen = await look(test);
  for (const name of ['ls-dev', 'ls-root', 'ls-tmp'])
    test.strictSame(entries(seen.get(name)), recordedEntries(recorded(normal, name)), name);
  test.strictSame(entries(seen.get('ls-dev-pts')), {
    '.': { mode: '040755', target: undefined },
    ptmx: { mode: '020666', target: undefined },
  });
  test.equal(seen.get('ls-sys'), 'absent\n');
  test.strictSame(
    Object.keys(entries(seen.get('ls-store'))).sort(),
    ['.', 'directory', 'file', 'tools'],
    'the inputs only',
  );
});

/** Inputs differ; and /dev is a file system of its own here, which saves writing to the disk. */
function comparable(mountinfo: string): Record<string, string> {
  const kept = Object.entries(mounts(mountinfo)).filter(([point]) => !point.startsWith(store) && point !== '/dev');
  return Object.fromEntries(
    kept.map(([point, type]) => [point, /^\/dev\/(shm|pts)$|^\/proc$/.test(point) ? type : 'bind']),
  );
}

t.test('mounts', { skip }, async (test) => {
  const mountinfo = (await look(test)).get('mountinfo') ?? '';
  // Of a root in memory, what builds may fill comes from the disk.
  test.strictSame(comparable(mountinfo), { ...comparable(recorded(normal, 'mountinfo')), '/tmp': 'bind' });
  for (const point of Object.keys(mounts(mountinfo))) test.ok(mountOptions(mountinfo, point).includes('nosuid'), point);
  for (const point of [`${store}/tools`, `${store}/directory`, `${store}/file`])
    test.strictSame(mountOptions(mountinfo, point).slice(0, 3), ['ro', 'nosuid', 'nodev'], point);
  test.ok(mountOptions(mountinfo, '/tmp/guix-build-probe.drv-0').includes('rw'));
  test.notMatch(mountinfo, / shared:| master:/, 'nothing propagates');
});

t.test('identity, and what the reference leaves open', { skip }, async (test) => {
  const text = (await look(test)).get('proc-status') ?? '';
  const before = recorded(normal, 'proc-status');
  for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb', 'SigBlk', 'Umask'])
    test.equal(status(text, name), status(before, name), name);
  test.equal(status(text, 'Uid'), '30017\t30017\t30017\t30017');
  test.equal(status(text, 'Gid'), '30018\t30018\t30018\t30018');
  test.match(
    { groups: status(text, 'Groups'), ignored: status(text, 'SigIgn') },
    { groups: '', ignored: '0000000000000000' },
  );
  test.match(
    [status(before, 'CapBnd'), status(before, 'NoNewPrivs'), status(before, 'Seccomp')],
    ['000001fffeffffff', '0', '0'],
  );
  test.match(
    [status(text, 'CapBnd'), status(text, 'NoNewPrivs'), status(text, 'Seccomp')],
    ['0000000000000000', '1', '2'],
  );
  test.equal(status(text, 'Speculation_Store_Bypass'), status(before, 'Speculation_Store_Bypass'), 'not slowed down');
});

t.test('network, control group, keys', { skip }, async (test) => {
  const seen = await look(test);
  const interfaces = (text: string | undefined) => [...(text ?? '').matchAll(/^ *(\w+):/gm)].map(([, name]) => name);
  test.strictSame(interfaces(seen.get('proc-net-dev')), interfaces(recorded(normal, 'proc-net-dev')));
  test.equal(seen.get('proc-net-unix')?.trim().split('\n').length, 1, 'S02 no sockets of others');
  for (const line of (seen.get('cgroup') ?? '').trim().split('\n'))
    test.match(line, /:\/$/, 'the control group is hidden');
  test.match(
    seen.get('proc-keys'),
    /^\S+ .* keyring +_ses: empty\n$/,
    'an empty keyring of its own, no keys of others',
  );
  test.equal(seen.get('environ'), 'PATH=/path-not-set\0\n');
});

t.test('limits', { skip }, async (test) => {
  const core = (text: string | undefined) => /^Max core file size.*$/m.exec(text ?? '')?.[0].trimEnd();
  test.equal(core((await look(test)).get('proc-limits')), core(recorded(normal, 'proc-limits')));
  const limits = [
    { resource: 'nofile', soft: 512, hard: 1024 },
    { resource: 'fsize', soft: 1n << 40n, hard: null },
  ];
  const changed = (await look(test, { limits })).get('proc-limits');
  test.match(changed, /^Max open files +512 +1024 /m);
  test.match(changed, /^Max file size +1099511627776 +unlimited /m);
});

t.test('supplementary groups', { skip }, async (test) => {
  const text = (await look(test, { groups: [36, 30019] })).get('proc-status') ?? '';
  test.equal(status(text, 'Groups'), '36 30019');
});

t.test('S07 only the standard descriptors pass', { skip }, async (test) => {
  test.strictSame(Object.keys(entries((await look(test)).get('fds'))).sort(), ['.', '0', '1', '2']);
  test.match(recorded(normal, 'fds'), / 0 -> \/null/);
  test.match((await look(test)).get('fds'), / 0 -> \/(dev\/)?null\n/);
});

t.test('hostile names are shown as they were given', { skip }, async (test) => {
  const environment = [bytes('\xff\xfe=\x80'), bytes('A=\n')];
  test.equal((await look(test, { environment })).get('environ'), '\xff\xfe=\x80\0A=\n\0\n');
});
