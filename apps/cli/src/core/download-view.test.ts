import type { SchedulerEvent } from '@cooper/contracts';
import { parseStorePath } from '@cooper/store-path';
import t from 'tap';
import { BuildView } from './build-view.ts';
import { noteLines } from './plain-lines.ts';
import { BuildTree } from './tree-lines.ts';

const path = (letter: string) => parseStorePath('/gnu/store', `/gnu/store/${letter.repeat(32)}-item-${letter}`);
const [a, b] = [path('a'), path('b')];
const started = (item = a): SchedulerEvent => ({
  event: 'substitution-started',
  path: item,
  url: 'http://cache',
  time: 1000,
});
const progress = (transferred: number): SchedulerEvent => ({
  event: 'substitution-event',
  path: a,
  detail: { event: 'progress', transferred },
});
const frame = { width: 100, height: 10, now: 3000, start: 0, colour: false, unicode: true };

t.test('a download, from the plan to its end', async (t) => {
  const view = new BuildView();
  const tree = new BuildTree(view);
  const apply = (...events: SchedulerEvent[]) => events.flatMap((event) => view.apply(event).flatMap(noteLines));
  t.same(tree.lines(frame), []);
  const substitutes = [a, b].map((path) => ({ path, downloadSize: 4096, narSize: 9000 }));
  t.same(apply({ event: 'planned-substitutes', substitutes }), []);
  t.same(tree.lines(frame), ['0 of 2 fetched · 3.0s'], 'what waits is only counted');
  t.same(apply(started()), [`fetching \`${a}' from http://cache...`]);
  t.same(apply(progress(1024)), []);
  t.same(tree.lines(frame), ['↓ item-a  1.0 KiB of 4.0 KiB  25%  http://cache', '1 fetching · 0 of 2 fetched · 3.0s']);
  const detail = { event: 'downloading', url: 'http://other\x1b[2J', size: 8192 } as const;
  apply({ event: 'substitution-event', path: a, detail });
  t.match(tree.lines(frame)[0], /1\.0 KiB of 8\.0 KiB {2}12% {2}http:\/\/other/);
  t.notOk(tree.lines(frame)[0]?.includes('\x1b'), 'nothing in it steers the terminal');
  const succeeded = { event: 'substitution-succeeded', path: a, narSize: 9000, duration: 2500, time: 3500 } as const;
  t.same(apply(succeeded), [`fetched \`${a}' in 2.5s`]);
  t.same(tree.lines(frame), ['1 of 2 fetched · 3.0s']);
});

t.test('failures and warnings are told', async (t) => {
  const view = new BuildView();
  view.apply(started());
  const detail = { event: 'warning', message: 'http://cache: it does not answer' } as const;
  t.same(view.apply({ event: 'substitution-event', path: a, detail }).flatMap(noteLines), [
    'cooper: warning: http://cache: it does not answer',
  ]);
  const failed = { event: 'substitution-failed', path: a, status: 'failed', message: 'no luck', time: 5 } as const;
  t.same(view.apply(failed).flatMap(noteLines), ['cooper: warning: no luck']);
  t.match(new BuildTree(view).lines(frame), ['1 failed · 0 of 1 fetched · 3.0s']);
});

t.test('where there is little room, builds and downloads share it', async (t) => {
  const view = new BuildView();
  for (let index = 0; index < 30; index++) {
    const item = parseStorePath('/gnu/store', `/gnu/store/${String(index).padStart(32, '0')}-x`);
    view.apply(started(item));
    const derivation = parseStorePath('/gnu/store', `${item}.drv`);
    view.apply({ event: 'build-waiting', derivation, reason: { for: 'inputs', count: 1 }, time: 0 });
  }
  const lines = new BuildTree(view).lines(frame);
  t.equal(lines.length, 10);
  t.ok(lines.filter((line) => line.startsWith('↓')).length >= 3);
  t.ok(lines.filter((line) => line.startsWith('○')).length >= 3);
});
