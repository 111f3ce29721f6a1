import { check, type Job, launchSpecification as schema } from '@cooper/contracts';
import t from 'tap';
import { launchSpecification } from './launch-specification.ts';
import type { Place, SandboxRoot } from './place.ts';
import { trialJob, trialPath } from './trial-job.ts';

const place: Place = {
  user: { uid: 986, gid: 993, groups: [993, 36] },
  uid: 986,
  gid: 993,
  directory: '/tmp/guix-build-trial.drv-4/top',
  directoryInside: '/tmp/guix-build-trial.drv-0',
  root: {
    mountPoint: '/var/guix/run/sandbox-root',
    store: '/gnu/store/.staging/1/store',
    temporary: '/gnu/store/.staging/1/tmp',
    storeDir: '/gnu/store',
    privileged: true,
  },
  cgroups: ['/sys/fs/cgroup/x/cgroup.procs'],
  attachesNetwork: false,
  machine: { system: 'x86_64-linux', processor: 'x86_64-linux' },
  hardLimits: { core: null, nofile: 4096 },
};

const specify = (changes: Partial<Job> = {}, other: Partial<Place> = {}) =>
  launchSpecification(trialJob(changes), { ...place, ...other });

/** The targets in their order, each with what lies there. */
const mounts = (changes: Partial<Job> = {}) =>
  (specify(changes).sandbox?.mounts ?? [])
    .filter(({ base }) => base !== true)
    .map(({ target, ...rest }) => [String(target), rest] as const);

t.test('it is what the launcher takes, and bytes stay bytes', async (t) => {
  const specification = specify();
  t.doesNotThrow(() => check(schema, specification, 'specification'));
  t.same(specification.args, [Buffer.from('sh'), Buffer.from('-c'), Buffer.from([0xff])]);
  t.same(specification.groups, [993, 36]);
});

t.test('the environment is sorted by bytes, and directories win over what a derivation says', async (t) => {
  const variable = (name: string, value: string) => ({ name: Buffer.from(name, 'latin1'), value: Buffer.from(value) });
  const { environment } = specify({
    environment: [variable('b', '2'), variable('TMPDIR', '/mine'), variable('B', ''), variable('\xff', 'é')],
    directoryVariables: ['TMPDIR', 'PWD'],
  });
  t.same(
    environment.map((entry) => Buffer.from(entry).toString('latin1')),
    ['B=', 'PWD=/tmp/guix-build-trial.drv-0', 'TMPDIR=/tmp/guix-build-trial.drv-0', 'b=2', '\xff=Ã©'],
  );
});

t.test('inputs are shown read-only, the build directory writable, parents before what lies in them', async (t) => {
  const sandboxPaths = [{ target: Buffer.from('/tmp'), source: Buffer.from('/srv/scratch') }];
  t.same(mounts({ sandboxPaths }), [
    [trialPath('input'), { source: Buffer.from(trialPath('input')), readOnly: true }],
    [trialPath('tools'), { source: Buffer.from(trialPath('tools')), readOnly: true }],
    ['/tmp', { source: Buffer.from('/srv/scratch'), readOnly: true, followSymlink: true, devices: true }],
    ['/tmp/guix-build-trial.drv-0', { source: Buffer.from('/tmp/guix-build-trial.drv-4/top'), readOnly: false }],
  ]);
});

t.test("the root is in memory, root's own with the group of the build; what builds fill is on disk", async (t) => {
  const { freshRoot, mounts = [], root } = specify().sandbox ?? {};
  t.equal(`${root}`, '/var/guix/run/sandbox-root');
  t.match(freshRoot, { mode: 0o750, gid: 993 });
  t.same(
    freshRoot?.files.map(({ path, mode }) => [`${path}`, mode]),
    [
      ['/etc/passwd', 0o644],
      ['/etc/group', 0o644],
      ['/etc/hosts', 0o644],
    ],
  );
  t.same(
    mounts.filter(({ base }) => base).map(({ source, target, readOnly }) => [`${source}`, `${target}`, readOnly]),
    [
      ['/gnu/store/.staging/1/store', '/gnu/store', false],
      ['/gnu/store/.staging/1/tmp', '/tmp', false],
    ],
  );
});

t.test('without root the root is the own of the build, and read-only', async (t) => {
  const root = { ...(place.root as SandboxRoot), privileged: false };
  const { freshRoot } = specify({}, { user: null, root }).sandbox ?? {};
  t.equal(freshRoot?.mode, 0o555);
  t.notOk(freshRoot?.gid);
  t.ok(freshRoot?.files.every(({ mode }) => mode === 0o444));
});

t.test('an output that is there already, as an input or shown of the host, is not shown', async (t) => {
  const output = trialPath('trial', '1');
  const sandboxPaths = [{ target: Buffer.from(output), source: Buffer.from(output) }];
  const targets = mounts({ sandboxPaths, inputs: [output, trialPath('tools')] }).map(([target]) => target);
  t.same(targets, [trialPath('tools'), '/tmp/guix-build-trial.drv-0']);
});

t.test('/proc of the host is never shown; its /dev takes the place of ours', async (t) => {
  const shown = (path: string) => ({ sandboxPaths: [{ target: Buffer.from(path), source: Buffer.from(path) }] });
  t.notOk(mounts(shown('/proc')).some(([target]) => target === '/proc'));
  t.equal(specify(shown('/dev')).sandbox?.devices, false);
  t.equal(specify().sandbox?.devices, true);
});

t.test('where its network is attached, it has a namespace and a name server of its own', async (t) => {
  const job = trialJob({ network: 'host' });
  const { sandbox } = launchSpecification(job, { ...place, attachesNetwork: true });
  t.match(sandbox, { network: 'private', awaitNetwork: true });
  const targets = sandbox?.mounts.map(({ target }) => Buffer.from(target).toString()) ?? [];
  t.ok(targets.includes('/etc/hosts'));
  t.notOk(targets.includes('/etc/resolv.conf'));
  const normal = launchSpecification(trialJob(), { ...place, attachesNetwork: true });
  t.notOk('awaitNetwork' in (normal.sandbox ?? {}), 'others have none');
});

t.test('a build with the network sees what names of hosts need, through links, where it exists', async (t) => {
  const file = { readOnly: true, optional: true, followSymlink: true };
  const shown = mounts({ network: 'host' }).filter(([target]) => target.startsWith('/etc/'));
  t.same(
    shown,
    ['hosts', 'nsswitch.conf', 'resolv.conf', 'services'].map((name) => [
      `/etc/${name}`,
      { source: Buffer.from(`/etc/${name}`), ...file },
    ]),
  );
  t.notOk(mounts().some(([target]) => target.startsWith('/etc/')));
});

t.test('personality follows the system', async (t) => {
  const flags = (system: string) => specify({ system, impersonateLinux26: true }).personality;
  t.same(flags('x86_64-linux'), { linux32: false, uname26: true, noRandomize: true });
  t.same(flags('i686-linux'), { linux32: true, uname26: true, noRandomize: true });
  t.same(flags('riscv64-linux'), { linux32: false, uname26: false, noRandomize: true });
});

t.test('hard limits stay as they are, soft ones never go past them', async (t) => {
  const limits = (nofile: number | null) => specify({}, { hardLimits: { core: 0, nofile } }).limits;
  t.same(limits(4096), [
    { resource: 'core', soft: 0, hard: 0 },
    { resource: 'nofile', soft: 1024, hard: 4096 },
  ]);
  t.same(limits(512)?.[1], { resource: 'nofile', soft: 512, hard: 512 });
  t.same(limits(null)?.[1], { resource: 'nofile', soft: 1024, hard: null });
});

t.test('without root the build gets a user namespace; without a sandbox it gets nothing', async (t) => {
  const own = specify({}, { user: null, uid: 1000, gid: 100 });
  t.same(own.sandbox?.userNamespace, { innerUid: 1000, innerGid: 100 });
  t.same([own.uid, own.gid, own.groups], [null, null, null]);
  t.equal(specify().sandbox?.userNamespace, null);
  t.equal(specify({ sandbox: false }, { root: null }).sandbox, null);
});
