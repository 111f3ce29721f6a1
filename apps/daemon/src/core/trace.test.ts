import type { SchedulerEvent } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { Trace, type TraceOptions } from './trace.ts';

const derivation = '/gnu/store/ys6ihpa15ki3lbx4y8zd5prgx9dsgy10-fail.drv' as StorePath;
const path = '/gnu/store/1w11vmkpy35rwy2y004b5cm2kshminc1-sub-solo' as StorePath;
const log = '/var/log/guix/drvs/ys/6ihpa15ki3lbx4y8zd5prgx9dsgy10-fail.drv.gz';
const time = 0;

const usual: TraceOptions = {
  printBuildTrace: true,
  extended: false,
  multiplexed: false,
  verbosity: 0,
  buildVerbosity: 0,
};

const started: SchedulerEvent = {
  event: 'build-started',
  derivation,
  system: 'x86_64-linux',
  logFile: Buffer.from(log),
  process: 455,
  agent: 'builder',
  time,
};

function say(events: readonly SchedulerEvent[], options: Partial<TraceOptions> = {}): string[] {
  const trace = new Trace({ ...usual, ...options });
  return events.flatMap((event) => trace.pieces(event).map((piece) => Buffer.from(piece).toString()));
}

function failed(status: 'permanent-failure' | 'timed-out' | 'cached-failure' | 'dependency-failed'): SchedulerEvent {
  return { event: 'build-failed', derivation, status, message: 'it failed', time };
}

t.test('a build that fails, as the reference tells it', async (t) => {
  const output: SchedulerEvent = { event: 'build-log', derivation, data: Buffer.from('to stdout\n') };
  t.strictSame(say([started, output, failed('permanent-failure')]), [
    `@ build-started ${derivation} - x86_64-linux ${log.replace('/ys/', '/ys//')} 455\n`,
    'to stdout\n',
    'it failed\n',
    `@ build-failed ${derivation} - 1 it failed\n`,
  ]);
  t.strictSame(say([output, failed('permanent-failure')], { printBuildTrace: false, buildVerbosity: 1 }), [
    'it failed\n',
  ]);
});

t.test('each kind of failure has a line of its own, or none', async (t) => {
  t.strictSame(say([started, failed('timed-out')]).slice(1), [
    'it failed\n',
    `@ build-failed ${derivation} - timeout\n`,
    'killing process 455\n',
  ]);
  t.strictSame(say([failed('cached-failure')]), ['it failed\n', `@ build-failed ${derivation} - cached\n`]);
  t.strictSame(say([failed('dependency-failed')]), ['it failed\n']);
});

t.test('logs say whose they are, where the client wants to know', async (t) => {
  const data = Buffer.from('é');
  t.strictSame(say([started, { event: 'build-log', derivation, data }], { multiplexed: true }).slice(1), [
    '@ build-log 455 2\né',
  ]);
});

t.test('a log file that is not kept has no name', async (t) => {
  t.strictSame(say([{ ...started, logFile: Buffer.alloc(0) }]), [
    `@ build-started ${derivation} - x86_64-linux  455\n`,
  ]);
});

t.test('downloads, for people and for programs', async (t) => {
  const url = 'http://cache/nar/gzip/sub-solo';
  const events: SchedulerEvent[] = [
    { event: 'substitution-started', path, url, time },
    { event: 'substitution-event', path, detail: { event: 'downloading', url, size: 94 } },
    { event: 'substitution-event', path, detail: { event: 'progress', transferred: 94 } },
    { event: 'substitution-succeeded', path, narSize: 128, duration: 1, time },
  ];
  t.strictSame(say(events), [
    `@ substituter-started ${path} substitute\n`,
    `Downloading ${url}...\n`,
    '\n',
    `@ substituter-succeeded ${path}\n`,
  ]);
  t.strictSame(say(events, { extended: true }), [
    `@ substituter-started ${path} substitute\n`,
    `@ download-started ${path} ${url} 94\n`,
    `@ download-progress ${path} ${url} 94 94\n`,
    `@ download-succeeded ${path} ${url} 94\n`,
    '\n',
    `@ substituter-succeeded ${path}\n`,
  ]);
});

t.test('texts count from a level on', async (t) => {
  const texts = (['error', 'warning', 'info', 'debug'] as const).map(
    (level): SchedulerEvent => ({ event: 'message', level, text: level }),
  );
  t.strictSame(say(texts), ['error\n', 'warning: warning\n']);
  t.strictSame(say(texts, { verbosity: 1 }), ['error\n', 'warning: warning\n', 'info\n']);
  t.equal(say(texts, { verbosity: 4 }).length, 4);
});
