/** S35: logs, streamed and written down: nothing lost, nothing kept in memory. */

import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import t from 'tap';
import { kinds, TestBuilder } from './builder.ts';

const none = { timeout: 0, maxSilentTime: 0, maxLogSize: 0 };

for (const [kind, options] of kinds) {
  t.test(`for ${kind}`, async (t) => {
    const builder = new TestBuilder(options);
    t.teardown(() => builder.remove());
    const stem = `${builder.base}/state/log/drvs/dd/${'d'.repeat(30)}-trial.drv`;

    t.test('every compression holds what was streamed, byte for byte', async (t) => {
      const script = 'printf "a\\000b\\377\\r\\n"; echo error >&2; echo last; exit 1';
      const expected = Buffer.from('a\0b\xff\r\nerror\nlast\n', 'latin1');
      const formats = {
        none: ['', (data: Buffer) => data],
        gzip: ['.gz', gunzipSync],
        zstd: ['.zst', zstdDecompressSync],
        bzip2: ['.bz2', (input: Buffer) => spawnSync('bzip2', ['-dc'], { input }).stdout],
      } as const;
      for (const [log, [suffix, unpack]] of Object.entries(formats)) {
        const done = await builder.offer(builder.script(script, { log: log as keyof typeof formats }));
        t.same(done.log, expected, log);
        t.match(done.outcome, { status: 'failed', logSize: expected.length });
        t.match(done.events[0], { event: 'started', logFile: Buffer.from(stem + suffix) });
        t.same(unpack(readFileSync(stem + suffix)), expected, `${log} file`);
        t.equal(statSync(stem + suffix).mode & 0o777, 0o644);
      }
    });

    t.test('a lost log is streamed all the same', async (t) => {
      const { events, log } = await builder.offer(builder.script('echo on', { log: null }));
      t.match(events[0], { event: 'started', logFile: Buffer.alloc(0) });
      t.equal(String(log), 'on\n');
    });

    t.test('the last words of a failing build are not lost', async (t) => {
      const script = 'i=0; while [ $i -lt 10000 ]; do echo line $i; i=$((i+1)); done; echo crucial; exit 1';
      const { log } = await builder.offer(builder.script(script, { log: 'gzip' }));
      t.ok(log.toString().endsWith('line 9999\ncrucial\n'));
      t.equal(log.toString().split('\n').length, 10_002);
      t.same(gunzipSync(readFileSync(`${stem}.gz`)), log);
    });

    t.test('what kept a builder from running is in the file', async (t) => {
      const setUp = 'while setting up the build environment: ';
      await builder.offer(builder.job({ builder: Buffer.from('/bin/none'), log: 'none' }));
      t.equal(readFileSync(stem, 'utf8'), `${setUp}executing \`/bin/none': No such file or directory\n`);
      const { events } = await builder.offer(builder.job({ system: 'i586-gnu', log: 'none' }));
      t.match(events, [{ event: 'started', logFile: Buffer.from(stem) }]);
      t.match(readFileSync(stem, 'utf8'), `${setUp}a \`i586-gnu' is required to build \``);
    });

    t.test('the file can be read while the build runs', async (t) => {
      const controller = new AbortController();
      const job = builder.script('echo early; sleep 1000', { log: 'gzip' });
      const done = builder.offer(job, { signal: controller.signal });
      const text = () => {
        const { stdout } = spawnSync('gzip', ['-dc', `${stem}.gz`], { encoding: 'utf8' });
        return stdout;
      };
      for (let tries = 0; tries < 100 && text() !== 'early\n'; tries++) await pass(100);
      t.equal(text(), 'early\n');
      controller.abort();
      await done;
    });

    t.test('a flood stays out of memory, and is cut where the limit is', async (t) => {
      const before = builder.residentMemory();
      const limits = { ...none, maxLogSize: 100 * 1024 * 1024 };
      let highest = 0;
      let size = 0;
      const job = builder.script('tr "\\0" x < /dev/zero', { limits, log: 'zstd' });
      const { outcome } = await builder.offer(job, {
        onItem: (event) => {
          if (event.event !== 'log') return;
          size += event.data.length;
          if (size % 16 === 0) highest = Math.max(highest, builder.residentMemory());
        },
      });
      t.match(outcome, { status: 'limited', limit: 'max-log-size' });
      t.equal(size, limits.maxLogSize);
      t.ok(highest - before < 150, `${before} MiB before, ${highest} MiB at most`);
    });

    t.test('a reader that stops stops the build, which is not silence; others go on', async (t) => {
      const limits = { ...none, maxSilentTime: 1 };
      let release: () => void = () => undefined;
      const stopped = new Promise<void>((resolve) => {
        release = resolve;
      });
      const slow = builder.offer(builder.script('head -c 20000000 /dev/zero; echo end', { limits }), {
        onItem: ({ event }) => (event === 'log' ? stopped : undefined),
      });
      await pass(2500);
      const before = builder.residentMemory();
      const other = await builder.offer(builder.job({ derivation: builder.path('other.drv', '5') }));
      t.equal(other.outcome.status, 'succeeded');
      release();
      const { outcome, log } = await slow;
      t.match(outcome, { status: 'succeeded', logSize: 20_000_004 });
      t.ok(log.toString('latin1').endsWith('\0end\n'));
      t.ok(before < 400, `${before} MiB`);
    });
  });
}
