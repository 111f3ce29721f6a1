/** What stays when builders end: nothing after a clean end, and nothing once the next one has started. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';
import t from 'tap';
import { isRoot, kinds, shell, TestBuilder } from './builder.ts';

// A thousand builds take their time on a machine that has other things to do.
t.setTimeout(240_000);

const openFiles = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length;

for (const [kind, options] of kinds) {
  t.test(`for ${kind}`, { timeout: 180_000 }, async (t) => {
    t.test('a thousand builds leave no file, mount, control group or descriptor', { timeout: 120_000 }, async (t) => {
      const builder = new TestBuilder(options);
      t.teardown(() => builder.remove());
      const run = async (count: number) => {
        for (let left = count; left > 0; left -= 4) {
          const jobs = Array.from({ length: 4 }, (_, n) => builder.job({ derivation: builder.path(`t${n}.drv`, 'd') }));
          const done = await Promise.all(jobs.map((job) => builder.offer(job)));
          for (const { outcome } of done) if (outcome.status !== 'succeeded') throw new Error(JSON.stringify(outcome));
        }
      };
      await run(40);
      const before = [openFiles(builder.processId), mounts()];
      const memory = builder.residentMemory();
      await run(1000);
      t.same([openFiles(builder.processId), mounts()], before);
      t.ok(builder.residentMemory() < memory + 80, `${memory} MiB before, ${builder.residentMemory()} MiB after`);
      t.same(builder.leftovers(), []);
    });

    for (const [how, signal] of [
      ['the end of its channel', undefined],
      ['SIGTERM', 'SIGTERM'],
    ] as const) {
      t.test(`${how} ends its builds, and it cleans up after them`, async (t) => {
        const builder = new TestBuilder(options);
        t.teardown(() => builder.remove());
        const offered = startLongBuild(builder).catch(() => undefined);
        await untilStarted(builder);
        t.equal(await builder.stop(signal), 0);
        await offered;
        t.same(builder.leftovers(), []);
      });
    }

    t.test('S13, S92: what a builder that was killed left is cleaned up by the next', async (t) => {
      const first = new TestBuilder(options);
      const offered = startLongBuild(first).catch(() => undefined);
      const before = await untilStarted(first);
      t.ok(before.length >= 2, before.join(' '));
      await first.stop('SIGKILL');
      await offered;
      const second = new TestBuilder({ ...options, base: first.base });
      t.teardown(() => second.remove());
      t.equal((await second.offer(second.job())).outcome.status, 'succeeded');
      for (let tries = 0; tries < 100 && first.leftovers().length > 0; tries++) await pass(50);
      t.same([...first.leftovers(), ...second.leftovers()], []);
    });

    const elsewhere = options.as === undefined ? groupsBase() : undefined;
    const skip = elsewhere === undefined && 'needs root, and control groups that can be made';
    t.test('S34, S92: also by a next one that is in another control group', { skip }, async (t) => {
      const group = mkdtempSync(`${elsewhere}/cooper-elsewhere-`);
      t.teardown(() => rmdirSync(group));
      const first = new TestBuilder(options);
      const offered = startLongBuild(first).catch(() => undefined);
      await untilStarted(first);
      await first.stop('SIGKILL');
      await offered;
      const left = first.leftovers().filter((path) => path.startsWith('/sys/'));
      t.equal(left.length, 1);
      const within = shell(`echo $$ > ${group}/cgroup.procs`);
      const second = new TestBuilder({ ...options, base: first.base, within });
      t.equal((await second.offer(second.job())).outcome.status, 'succeeded');
      for (const path of left) t.notOk(existsSync(path), path);
      await second.remove();
    });

    t.test('a second builder leaves alone what the first one does', async (t) => {
      const first = new TestBuilder(options);
      t.teardown(() => first.remove());
      const controller = new AbortController();
      const offered = startLongBuild(first, controller.signal);
      const before = await untilStarted(first);
      const second = new TestBuilder({ ...options, base: first.base });
      t.equal((await second.offer(second.job())).outcome.status, 'succeeded');
      await second.stop();
      t.same(first.leftovers(), before);
      controller.abort();
      t.equal((await offered).outcome.status, 'cancelled');
    });
  });
}

function startLongBuild(builder: TestBuilder, signal?: AbortSignal) {
  return builder.offer(
    builder.script('mkdir deep; chmod 0 deep; echo on; sleep 1000'),
    signal === undefined ? {} : { signal },
  );
}

/** Resolves when the build works in its directory, with what there is of it. */
async function untilStarted(builder: TestBuilder): Promise<readonly string[]> {
  for (let tries = 0; tries < 200 && builder.leftovers().length < 2; tries++) await pass(50);
  await pass(500);
  return builder.leftovers();
}

/** Where the builder finds its own group, and other groups can be made; nothing where that is nowhere. */
function groupsBase(): string | undefined {
  return ['/sys/fs/cgroup', '/sys/fs/cgroup/pids', '/sys/fs/cgroup/systemd'].find(
    (directory) => isRoot && existsSync(`${directory}/cgroup.procs`),
  );
}
