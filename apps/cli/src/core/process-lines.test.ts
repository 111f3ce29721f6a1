import { parseStorePath } from '@cooper/store-path';
import t from 'tap';
import { processLines } from './process-lines.ts';

const path = (name: string) => parseStorePath('/gnu/store', `/gnu/store/${'a'.repeat(32)}-${name}.drv`);
const goal = { key: 'b', kind: 'derivation', requests: [1, 2], since: 1000 } as const;

t.test('nothing goes on', async (t) => {
  t.same(
    processLines(
      { requests: [], goals: [], slots: { builds: 0, substitutions: 0, maxSubstitutions: 0, maxBuilds: 2 } },
      0,
    ),
    ['0 of 2 build slots in use'],
  );
});

t.test('requests, builds, and what waits', async (t) => {
  const lines = processLines(
    {
      requests: [
        { request: 1, client: 'cooper\x07', uid: 1000, targets: [path('app')], since: 0, goals: 3, done: 1 },
        {
          ...{ request: 2, client: 'x', uid: null, since: 5000, goals: 9, done: 0 },
          targets: ['a', 'b', 'c', 'd'].map((name) => `${path(name)}!out`),
        },
      ],
      goals: [
        { ...goal, path: path('lib'), state: 'building', waits: null, agent: 'builder', process: 4711 },
        { ...goal, path: path('app'), state: 'inputs', waits: { for: 'inputs', count: 2 }, requests: [1] },
        { ...goal, path: path('zoo'), state: 'ready', waits: { for: 'slot', kind: 'build' }, requests: [2] },
      ],
      slots: { builds: 1, substitutions: 0, maxSubstitutions: 0, maxBuilds: 1 },
    },
    61_000,
  );
  t.same(lines, [
    '1 of 1 build slots in use',
    '',
    'REQUEST  CLIENT      USER  SINCE  DONE  TARGETS',
    '1        cooper\\x07  1000  1m01s  1/3   app.drv',
    '2        x           -     56s    0/9   a.drv!out b.drv!out c.drv!out and 1 more',
    '',
    'BUILDING  SINCE  PROCESS  BY       FOR',
    'lib.drv   1m00s  4711     builder  1 2',
    '',
    'WAITING  SINCE  WHY               FOR',
    'app.drv  1m00s  for 2 inputs      1',
    'zoo.drv  1m00s  for a build slot  2',
  ]);
});
