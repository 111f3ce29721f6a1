import type { SchedulerEvent } from '@cooper/contracts';
import { parseStorePath } from '@cooper/store-path';
import t from 'tap';
import { BuildView } from './build-view.ts';
import { noteLines } from './plain-lines.ts';

const path = (letter: string, name = letter) =>
  parseStorePath('/gnu/store', `/gnu/store/${letter.repeat(32)}-${name}.drv`);
const [a, b] = [path('a', 'app'), path('b', 'lib')];
const started = (derivation = b, time = 1000): SchedulerEvent => ({
  ...{ event: 'build-started', derivation, system: 'x86_64-linux', logFile: Buffer.from('/log') },
  ...{ process: 7, agent: 'builder', time },
});
const log = (text: string, derivation = b): SchedulerEvent => ({
  event: 'build-log',
  derivation,
  data: Buffer.from(text),
});
const succeeded = (derivation = b): SchedulerEvent => ({
  ...{ event: 'build-succeeded', derivation, outputs: [], duration: 2500, time: 3500 },
});
const failed = (derivation = b): SchedulerEvent => ({
  ...{ event: 'build-failed', derivation, status: 'permanent-failure', time: 3000, logFile: Buffer.from('/log') },
  message: `builder for \`${derivation}' failed with exit code 1`,
});
const lines = (view: BuildView, ...events: SchedulerEvent[]) =>
  events.flatMap((event) => view.apply(event).flatMap(noteLines));

t.test('a build, from the plan to its end', async (t) => {
  const view = new BuildView();
  t.same(lines(view, { event: 'planned', build: [a, b] }), []);
  t.same(view.counts, { planned: 2, waiting: 0, running: 0, built: 0, failed: 0 });
  t.same(lines(view, { event: 'build-waiting', derivation: a, reason: { for: 'inputs', count: 1 }, time: 900 }), []);
  t.same(lines(view, started()), [`building \`${b}'...`]);
  t.same(lines(view, log('one\ntw'), log('o\nthree')), ['lib> one', 'lib> two']);
  t.match(view.builds.get(b), { name: 'lib', state: 'running', since: 1000, lastLine: 'three', agent: 'builder' });
  t.same(lines(view, succeeded()), ['lib> three', `built \`${b}' in 2.5s`]);
  t.same(view.counts, { planned: 0, waiting: 1, running: 0, built: 1, failed: 0 });
});

t.test('a failure shows the end of the log', async (t) => {
  const view = new BuildView();
  lines(view, started(), log(Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('')));
  const said = lines(view, failed());
  t.equal(said[0], `cooper: error: builder for \`${b}' failed with exit code 1`);
  t.equal(said[1], '  the last 15 lines of its log:');
  t.same(
    said.slice(2, 17),
    Array.from({ length: 15 }, (_, i) => `  > line ${i + 25}`),
  );
  t.equal(said[17], `  the whole log: cooper log ${b}`);
  t.equal(view.builds.get(b)?.duration, 2000);
});

t.test('a failure that never ran has no log to show', async (t) => {
  t.same(lines(new BuildView(), failed()), [`cooper: error: builder for \`${b}' failed with exit code 1`]);
});

t.test('waiting for others is news, waiting for inputs and slots is none', async (t) => {
  const view = new BuildView();
  const waiting = (reason: Extract<SchedulerEvent, { event: 'build-waiting' }>['reason']): SchedulerEvent => ({
    ...{ event: 'build-waiting', derivation: b, reason, time: 1 },
  });
  t.same(lines(view, waiting({ for: 'slot', kind: 'build' })), []);
  t.same(lines(view, waiting({ for: 'lock', path: b })), [
    `\`${b}' waits for another program that has locked \`lib.drv'`,
  ]);
  t.same(lines(view, waiting({ for: 'agent', reason: 'all users are busy' })), [
    `\`${b}' waits for a build agent: all users are busy`,
  ]);
});

t.test('S83: logs and messages are harmless', async (t) => {
  const view = new BuildView();
  const said = lines(view, started(), log('\x1b[31mred\x1b[0m \x1b]0;title\x07\n 10%\r 20%\r\n'), {
    event: 'message',
    level: 'warning',
    text: 'odd \x1b[2J name',
  }).slice(1);
  t.same(said, ['lib> red \\x1b]0;title\\x07', 'lib>  20%', 'cooper: warning: odd  name']);
  t.equal(view.builds.get(b)?.lastLine, ' 20%');
});
