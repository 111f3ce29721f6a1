/** Whom builds run as, when root's builder has a group of accounts for them, and when it has none; S39. */
import { chmodSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { tryLock } from '@cooper/system-calls';
import t from 'tap';
import { isRoot, shell, TestBuilder } from './builder.ts';

const skip = isRoot ? false : 'needs root: only root builds as other users';

/** A machine with these accounts: files of its own in the place of /etc/passwd and /etc/group. */
function accounts(directory: string, passwd: readonly string[], group: readonly string[]): readonly string[] {
  writeFileSync(`${directory}/passwd`, ['root:x:0:0::/:/bin/sh', ...passwd, ''].join('\n'));
  writeFileSync(`${directory}/group`, ['root:x:0:', ...group, ''].join('\n'));
  const lines = ['passwd', 'group'].map((file) => `mount --bind ${directory}/${file} /etc/${file}`);
  return ['unshare', '-m', ...shell(lines.join('\n'))];
}

const builders = ['builder1:x:30001:30000::/:/x', 'builder2:x:30002:30000::/:/x'];
const groups = ['builders:x:30000:builder1,builder2', 'kvm:x:36:builder1'];
const words = ['--build-users-group=builders'];

t.test('members of a group, in its order, with their other groups', { skip }, async (t) => {
  const builder = new TestBuilder({ words, within: accounts(t.testdir(), builders, groups) });
  t.teardown(() => builder.remove());
  const { outcome, log } = await builder.offer(builder.script('id -u; id -g; id -G; cat /etc/group'));
  t.match(outcome, { status: 'succeeded', owner: 30_001 });
  t.equal(String(log), '30001\n30000\n30000 36\nnixbld:!:30000:\n');
});

t.test('when all are in use a job is postponed, and done later', { skip }, async (t) => {
  const builder = new TestBuilder({ words, within: accounts(t.testdir(), builders, groups) });
  t.teardown(() => builder.remove());
  const controller = new AbortController();
  const { signal } = controller;
  const long = () =>
    new Promise<{ readonly done: Promise<unknown> }>((resolve) => {
      const done = builder.offer(builder.script('echo on; sleep 1000'), { signal, onItem: () => resolve({ done }) });
    });
  const running = [await long(), await long()];
  const { outcome, events } = await builder.offer(builder.job());
  t.same(outcome, { status: 'postponed', reason: 'all build users are currently in use' });
  t.same(events, []);
  controller.abort();
  await Promise.all(running.map(({ done }) => done));
  t.equal((await builder.offer(builder.job())).outcome.status, 'succeeded');
});

t.test(
  'S39: a user whom another program has locked is left to it, and nobody else can lock any',
  { skip },
  async (t) => {
    const builder = new TestBuilder({ words, within: accounts(t.testdir(), builders, groups) });
    t.teardown(() => builder.remove());
    await builder.offer(builder.job());
    const pool = `${builder.base}/state/userpool`;
    t.same(readdirSync(pool), ['30001']);
    const fd = openSync(`${pool}/30001`, 'r+');
    t.ok(tryLock(fd, true), 'released after the build');
    t.match((await builder.offer(builder.job())).outcome, { status: 'succeeded', owner: 30_002 });
  },
);

t.test('without a group, ids that no account has, one for each build', { skip }, async (t) => {
  const builder = new TestBuilder();
  t.teardown(() => builder.remove());
  const done = await Promise.all([1, 2, 3].map(() => builder.offer(builder.script('id -u; sleep 0.5'))));
  const owners = done.map(({ outcome }) => ('owner' in outcome ? outcome.owner : undefined));
  t.equal(new Set(owners).size, 3);
  t.same(
    done.map(({ log }) => Number(String(log))),
    owners,
  );
});

t.test('groups that cannot be used', { skip }, async (t) => {
  const bad = {
    'does not exist': [builders, []],
    'has no members': [builders, ['builders:x:30000:']],
    "the user `ghost' in the group `builders' does not exist": [builders, ['builders:x:30000:ghost']],
    'should not be a member': [['toor:x:0:0::/:/x'], ['builders:x:30000:toor']],
    'may not be that of root': [builders, ['builders:x:0:builder1']],
  } as const;
  for (const [message, [passwd, group]] of Object.entries(bad)) {
    const builder = new TestBuilder({ words, within: accounts(t.testdir({}), passwd, group) });
    await t.rejects(builder.offer(builder.job()));
    t.equal(await builder.stop(), 71, message);
    t.match(builder.stderr.join(''), message);
    await builder.remove();
  }
});

t.test('S11: a place for build directories in which everybody can exchange them is refused', { skip }, async (t) => {
  const base = t.testdir();
  mkdirSync(`${base}/open/below`, { recursive: true });
  chmodSync(`${base}/open`, 0o777);
  const builder = new TestBuilder({ environment: { TMPDIR: `${base}/open/below` } });
  await t.rejects(builder.offer(builder.job()));
  t.equal(await builder.stop(), 71);
  t.match(builder.stderr.join(''), /everybody can write to .*\/open, and it is not sticky/);
  await builder.remove();
});

t.test('without a sandbox, and without a group that may write to the store, nothing is built', { skip }, async (t) => {
  const builder = new TestBuilder();
  t.teardown(() => builder.remove());
  await t.rejects(builder.offer(builder.job({ sandbox: false })), { code: 'unusable-build-users-group' });
  t.same(builder.leftovers(), []);
});
