/** S36, S38: what builds are told when the machine runs out of something, and that the builder goes on. */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { isRoot, shell, TestBuilder } from './builder.ts';

const skip = isRoot ? false : 'needs root: it mounts small file systems and limits memory';

/** A machine on which `directory` is a file system of this size. */
const small = (directory: string, size: string) => [
  'unshare',
  '-m',
  ...shell(`mount -t tmpfs -o size=${size},mode=1777 none ${directory}`),
];

t.test('a log that finds no room ends the build, as a fault', { skip }, async (t) => {
  const log = t.testdir();
  for (const compression of ['none', 'gzip', 'zstd', 'bzip2'] as const) {
    const builder = new TestBuilder({ within: small(log, '64k'), words: [`--log-dir=${log}`] });
    const job = builder.script('head -c 3000000 /dev/urandom; sleep 1000', { log: compression });
    const code = compression === 'bzip2' ? 'log-failed' : 'disk-full';
    await t.rejects(builder.offer(job), { code, message: /trial\.drv/ }, compression);
    t.same(builder.leftovers(), [], compression);
    t.equal((await builder.offer(builder.job())).outcome.status, 'succeeded', 'the next build is done');
    await builder.remove();
  }
});

t.test('a build that fills its file system is told so', { skip }, async (t) => {
  const temporary = t.testdir();
  const builder = new TestBuilder({ within: small(temporary, '16m'), environment: { TMPDIR: temporary } });
  t.teardown(() => builder.remove());
  const fill = 'cd "$TMPDIR"; head -c 12000000 /dev/zero > big; exit 1';
  const { outcome } = await builder.offer(builder.script(fill, { directoryVariables: ['TMPDIR'] }));
  t.match(outcome, { status: 'failed', exitCode: 1 });
  const { fullFileSystem = Buffer.alloc(0) } = outcome as { fullFileSystem?: Uint8Array };
  t.match(Buffer.from(fullFileSystem).toString(), new RegExp(`^${temporary}/guix-build-trial\\.drv-0`));
  const healthy = await builder.offer(builder.job({ words: ['exit', '1'] }));
  t.notOk('fullFileSystem' in healthy.outcome, 'and nobody else is');
});

const memory = '/sys/fs/cgroup/memory';
const noMemoryGroups = existsSync(`${memory}/memory.limit_in_bytes`) ? false : 'no memory hierarchy of version 1 here';

t.test(
  'a build that eats all memory is killed before its builder, and told so',
  { skip: skip || noMemoryGroups },
  async (t) => {
    const group = `${memory}/cooper-test-${process.pid}`;
    mkdirSync(group);
    writeFileSync(`${group}/memory.limit_in_bytes`, String(400 * 1024 * 1024));
    const builder = new TestBuilder({ within: shell(`echo $$ > ${group}/cgroup.procs`) });
    t.teardown(async () => {
      await builder.remove();
      rmdirSync(group);
    });
    const { outcome } = await builder.offer(builder.script('tail /dev/zero; exit 9'));
    t.match(outcome, { status: 'failed', outOfMemory: true });
    const next = await builder.offer(builder.job({ words: ['exit', '1'] }));
    t.match(next.outcome, { status: 'failed', exitCode: 1 });
  },
);

t.test('a fork bomb ends with its build', { skip }, async (t) => {
  const builder = new TestBuilder();
  t.teardown(() => builder.remove());
  const limits = { timeout: 2, maxSilentTime: 0, maxLogSize: 100_000 };
  // Bounded in depth, so that it cannot take the machine of this test with it.
  const bomb = 'boom() { [ $1 -gt 7 ] && exec sleep 1000; boom $(($1+1)) & boom $(($1+1)) & wait; }; boom 0';
  const { outcome } = await builder.offer(builder.script(bomb, { limits }));
  t.equal(outcome.status, 'limited');
  t.same(builder.leftovers(), []);
});

t.test('a build that uses more memory than builds may is ended, and told so', { skip }, async (t) => {
  const builder = new TestBuilder({ words: [`--max-build-memory=${64 * 1024 * 1024}`] });
  t.teardown(() => builder.remove());
  const { outcome } = await builder.offer(builder.script('tail /dev/zero; exit 9'));
  t.match(outcome, { status: 'failed', metLimits: ['max-build-memory'] });
  t.notOk('outOfMemory' in outcome, 'the machine has enough');
  const modest = await builder.offer(builder.script('head -c 1000000 /dev/zero | tail -c 5; exit 1'));
  t.match(modest.outcome, { status: 'failed', exitCode: 1 });
  t.notOk('metLimits' in modest.outcome);
  t.same(builder.leftovers(), []);
});

t.test('a build that starts more processes than builds may is told so', { skip }, async (t) => {
  const builder = new TestBuilder({ words: ['--max-build-processes=20'] });
  t.teardown(() => builder.remove());
  const many = (n: number) => builder.script(`for i in $(seq ${n}); do sleep 1000 & done; kill $(jobs -p); exit 1`);
  const { outcome } = await builder.offer(many(40));
  t.match(outcome, { status: 'failed', metLimits: ['max-build-processes'] });
  const modest = await builder.offer(many(10));
  t.match(modest.outcome, { status: 'failed', exitCode: 1 });
  t.notOk('metLimits' in modest.outcome);
  t.same(builder.leftovers(), []);
});
