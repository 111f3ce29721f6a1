import type { GoalView, Snapshot } from '@cooper/contracts';
import { parseStorePath } from '@cooper/store-path';
import t from 'tap';
import { SnapshotEvents } from './snapshot-events.ts';

const path = (name: string) => parseStorePath('/gnu/store', `/gnu/store/${'0'.repeat(32)}-${name}`);

function goal(name: string, changes: Partial<GoalView>): GoalView {
  const own = { key: name, kind: 'derivation', path: path(name), state: 'x', waits: null, requests: [1], since: 5 };
  return { ...own, ...changes } as GoalView;
}

function snapshot(goals: readonly GoalView[], requests: readonly number[] = [1]): Snapshot {
  const view = { client: 'c', uid: null, targets: [], since: 0, goals: 1, done: 0 };
  const slots = { builds: 1, maxBuilds: 1, substitutions: 0, maxSubstitutions: 8 };
  return { requests: requests.map((request) => ({ request, ...view })), goals, slots };
}

t.test('what is under way is told once, and again when it changes', async (t) => {
  const seen = new SnapshotEvents();
  const waits = { for: 'slot', kind: 'build' } as const;
  const first = snapshot([goal('a.drv', { process: 7, agent: 'builder' }), goal('b.drv', { waits })]);
  t.match(seen.events(first), [
    { event: 'planned', build: [path('a.drv'), path('b.drv')] },
    { event: 'build-started', derivation: path('a.drv'), process: 7, agent: 'builder', time: 5 },
    { event: 'build-waiting', derivation: path('b.drv'), reason: waits },
  ]);
  t.same(seen.events(first), []);
  t.match(seen.events(snapshot([goal('b.drv', { process: 8 })])), [{ event: 'planned' }, { process: 8 }]);
});

t.test('a request is new once', async (t) => {
  const seen = new SnapshotEvents();
  t.same(seen.newRequests(snapshot([], [1, 2])), [1, 2]);
  t.same(seen.newRequests(snapshot([], [2, 3])), [3]);
});
