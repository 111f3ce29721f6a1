/** How jobs end, and what is said of it. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';
import { storePathBaseName } from '@cooper/store-path';
import t from 'tap';
import { kinds, TestBuilder } from './builder.ts';

const none = { timeout: 0, maxSilentTime: 0, maxLogSize: 0 };

for (const [kind, options] of kinds) {
  t.test(`for ${kind}`, async (t) => {
    const builder = new TestBuilder(options);
    t.teardown(() => builder.remove());

    t.test('a builder that exits with 0 has succeeded, and its output lies in its store directory', async (t) => {
      const job = builder.script('echo hello > $out');
      const { outcome, events } = await builder.offer(job);
      t.match(outcome, { status: 'succeeded', logSize: 0, storeDirectory: Buffer.from('store') });
      t.same(
        events.map(({ event }) => event),
        ['started'],
      );
      const output = `${Buffer.from(job.directory)}/store/${storePathBaseName(builder.path('trial', '1'))}`;
      t.ok(existsSync(output));
      t.same(builder.leftovers(), []);
    });

    t.test('an exit code is told', async (t) => {
      const { outcome } = await builder.offer(builder.job({ words: ['exit', '3'] }));
      t.match(outcome, { status: 'failed', exitCode: 3, signal: null });
      t.same(builder.leftovers(), []);
    });

    t.test('a builder that is not there', async (t) => {
      const { outcome } = await builder.offer(builder.job({ program: 'missing' }));
      t.match(outcome, {
        status: 'not-started',
        step: 'execute',
        error: 'ENOENT',
        message: /^executing `.*-tools\/missing': No such file or directory$/,
      });
    });

    t.test('S28: a builder outside of what is shown is not the one of the host', async (t) => {
      const { outcome } = await builder.offer(builder.job({ builder: Buffer.from('/bin/sh') }));
      t.match(outcome, {
        status: 'not-started',
        error: 'ENOENT',
        message: "executing `/bin/sh': No such file or directory",
      });
    });

    t.test('programs for other machines', async (t) => {
      const odd = builder.path('odd', '2');
      mkdirSync(odd);
      writeFileSync(`${odd}/builder`, '\x7fELF but not quite', { mode: 0o755 });
      const job = { builder: Buffer.from(`${odd}/builder`), inputs: [odd] };
      const foreign = await builder.offer(builder.job({ ...job, system: 'riscv64-linux' }));
      t.match(foreign.outcome, { status: 'unsupported-system', system: 'riscv64-linux' });
      const own = await builder.offer(builder.job(job));
      t.match(own.outcome, { status: 'not-started', step: 'execute', error: 'ENOEXEC', message: /Exec format error$/ });
      const other = await builder.offer(builder.job({ system: 'i586-gnu' }));
      t.match(other.outcome, { status: 'unsupported-system', system: 'i586-gnu' });
      t.match(other.events, [{ event: 'started' }], 'another kernel is not even tried');
    });

    t.test('a built-in builder that there is not, in the words of the reference', async (t) => {
      const { outcome, log } = await builder.offer(builder.job({ builder: Buffer.from('builtin:nothing') }));
      t.match(outcome, { status: 'failed', exitCode: 1 });
      t.equal(`${log}`, "error: unsupported builtin function 'nothing'\n");
    });

    t.test('an input that is not there', async (t) => {
      const { outcome } = await builder.offer(builder.job({ inputs: [builder.path('gone', '3')] }));
      t.match(outcome, {
        status: 'not-started',
        step: 'mount-input',
        error: 'ENOENT',
        message: /-gone': No such file/,
      });
      t.same(builder.leftovers(), []);
    });

    t.test('S29: a job that names files outside of its directory is refused, and nothing is made', async (t) => {
      const files = [{ name: '../escape', contents: Buffer.from('x') }];
      await t.rejects(builder.offer(builder.job({ files })), { code: 'invalid-request' });
      t.same(readdirSync(builder.temporary), []);
    });

    t.test('S12: a root is only made in a directory that nobody else can enter', async (t) => {
      mkdirSync(`${builder.base}/open`, { mode: 0o755 });
      const directory = Buffer.from(`${builder.base}/open`);
      await t.rejects(builder.offer(builder.job({ directory })), { code: 'invalid-request' });
      t.same(readdirSync(`${builder.base}/open`), []);
      t.same(builder.leftovers(), []);
    });

    t.test('files are found in the build directory, whatever is in them', async (t) => {
      const files = [{ name: 'graph', contents: Buffer.from('a\0b\n') }];
      const { log } = await builder.offer(
        builder.script('cd "$TMPDIR"; pwd; cat graph; ls -ln graph', { files, directoryVariables: ['TMPDIR'] }),
      );
      t.match(log.toString('latin1'), /^\/tmp\/guix-build-trial\.drv-0\na\0b\n-rw-r--r-- /);
    });

    t.test('time runs out', async (t) => {
      const started = Date.now();
      const { outcome } = await builder.offer(
        builder.script('while :; do echo tick; sleep 0.2; done', { limits: { ...none, timeout: 1 } }),
      );
      t.match(outcome, { status: 'limited', limit: 'timeout' });
      t.ok(Date.now() - started < 10_000);
      t.same(builder.leftovers(), []);
    });

    t.test('silence lasts too long, though the output is closed', async (t) => {
      const limits = { ...none, maxSilentTime: 1 };
      const silent = await builder.offer(builder.script('echo one; sleep 1000', { limits }));
      t.match(silent.outcome, { status: 'limited', limit: 'max-silent-time', logSize: 4 });
      const closed = await builder.offer(builder.script('exec >/dev/null 2>&1; sleep 1000', { limits }));
      t.match(closed.outcome, { status: 'limited', limit: 'max-silent-time' });
    });

    t.test('a builder may close its output and go on', async (t) => {
      const { outcome, log } = await builder.offer(
        builder.script('echo bye; exec >/dev/null 2>&1; sleep 0.5; echo done > $out; exit 4'),
      );
      t.match(outcome, { status: 'failed', exitCode: 4 });
      t.equal(String(log), 'bye\n');
    });

    t.test('a cancelled build ends at once', async (t) => {
      const controller = new AbortController();
      const started = Date.now();
      const onItem = () => controller.abort();
      const job = builder.script('trap "" TERM INT HUP; (trap "" TERM; sleep 1000) & echo on; sleep 1000');
      const { outcome } = await builder.offer(job, { signal: controller.signal, onItem });
      t.same(outcome, { status: 'cancelled' });
      t.ok(Date.now() - started < 10_000);
      t.same(builder.leftovers(), []);
    });

    t.test('a build that is cancelled before anything', async (t) => {
      const controller = new AbortController();
      const offered = builder.offer(builder.script('sleep 1000'), { signal: controller.signal });
      await pass(1);
      controller.abort();
      t.same((await offered).outcome, { status: 'cancelled' });
      t.same(builder.leftovers(), []);
    });

    t.test('with keep-failed, the directory of a build that succeeds is held until it is settled', async (t) => {
      const offer = async () => {
        const { outcome } = await builder.offer(builder.script('echo clue > clue', { keepFailed: true }));
        return outcome.status === 'succeeded' ? (outcome.held ?? 0) : 0;
      };
      const good = await offer();
      t.not(good, 0);
      t.not(builder.leftovers().length, 0);
      t.same(await builder.settle(good, false), {});
      t.same(builder.leftovers(), []);
      await t.rejects(builder.settle(good, true), { code: 'unknown-build' });
      const { keptDirectory } = await builder.settle(await offer(), true);
      const kept = Buffer.from(keptDirectory ?? []).toString();
      t.ok(readdirSync(kept, { recursive: true }).some((name) => String(name).endsWith('clue')));
      t.same(builder.leftovers(), [kept]);
      rmSync(kept, { recursive: true });
    });

    t.test('many at once, each with its own end', async (t) => {
      const codes = Array.from({ length: 20 }, (_, index) => index);
      const done = await Promise.all(codes.map((code) => builder.offer(builder.script(`echo ${code}; exit ${code}`))));
      t.same(
        done.map(({ outcome }) => ('exitCode' in outcome ? outcome.exitCode : 0)),
        codes,
      );
      t.same(
        done.map(({ log }) => Number(String(log))),
        codes,
      );
      t.same(builder.leftovers(), []);
    });
  });
}

t.test('a machine that says what it has declines what needs more', async (t) => {
  const builder = new TestBuilder({ words: ['--system-features=kvm', '--system-features=benchmark'] });
  t.teardown(() => builder.remove());
  const had = await builder.offer(builder.script('exit 0', { features: ['kvm'] }));
  t.match(had.outcome, { status: 'succeeded' });
  const lacking = await builder.offer(builder.script('exit 0', { features: ['kvm', 'big-parallel'] }));
  t.match(lacking.outcome, { status: 'declined', reason: /lacks: big-parallel$/ });
  t.same(lacking.events, []);
});
