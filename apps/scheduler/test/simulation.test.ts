/**
 * The engine against random graphs, random caches, failures, and answers in any order, with requests that come and go:
 * every request ends, nothing is done twice or too early, and nothing is left behind.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import type { StorePath } from '@cooper/store-path';
import fc from 'fast-check';
import t from 'tap';
import { Engine, step } from '../src/core/engine.ts';
import type { Event } from '../src/core/event.ts';
import { type Dice, dice, randomGraph, type SimulatedGraph, storeDir } from './simulated-graph.ts';
import { SimulatedWorld } from './simulated-world.ts';
import type { Unstamped } from './trace-world.ts';

const settings = {
  storeDir,
  system: 'x86_64-linux',
  maxJobs: 2,
  maxSubstitutions: 2,
  substitutes: true,
  cacheFailures: false,
  cores: 0,
  limits: { timeout: 0, maxSilentTime: 0, maxLogSize: 0 },
  sandbox: true,
  sandboxPaths: [],
  impersonateLinux26: false,
  log: null,
  impureEnvironment: new Map<string, string>(),
  lockInterval: 5000,
};

const agentLists = [
  [{ id: 1, name: 'local', isLocal: true }],
  [
    { id: 2, name: 'remote', isLocal: false },
    { id: 1, name: 'local', isLocal: true },
  ],
];

/** What clients do: requests with whatever they wish, and some that are taken back. */
function clientEvents(roll: Dice, { derivations, offers }: SimulatedGraph, requests: number): Unstamped<Event>[] {
  const targets = [...derivations.keys(), ...[...derivations.keys()].map((path) => `${path}!out`), ...offers.keys()];
  const events: Unstamped<Event>[] = [];
  for (let request = 1; request <= requests; request++) {
    const keepGoing = roll(2) === 0;
    const options = { keepGoing, fallback: roll(3) > 0, substitutes: roll(4) > 0, maxJobs: 1 + roll(3) };
    const wanted = targets.filter(() => roll(4) === 0);
    events.push({ type: 'realise', request, targets: wanted, mode: 'normal', purpose: 'realise', options });
    if (roll(4) === 0) events.push({ type: 'cancel', request });
    if (roll(4) === 0) events.push({ type: 'agents-changed', agents: agentLists[roll(2)] ?? [] });
  }
  return events;
}

/** Lets it all happen; gives the world as it is in the end. */
function simulate(seed: number, size: number, requests: number) {
  const roll = dice(seed);
  const graph = randomGraph(roll, size);
  const world = new SimulatedWorld(graph, roll);
  const engine = new Engine(settings);
  const coming = clientEvents(roll, graph, requests);
  let event: Unstamped<Event> | undefined = { type: 'agents-changed', agents: agentLists[roll(2)] ?? [] };
  for (let now = 1; event !== undefined; now++) {
    ok(now < 100_000, 'it comes to an end');
    for (const effect of step(engine, { now, ...event } as Event)) world.take(effect);
    ok(engine.slots.running <= 3 && engine.downloads.running <= 2, 'no more goals run than may');
    event = (coming.length > 0 && roll(4) === 0 ? coming.shift() : world.next()) ?? coming.shift();
  }
  return { graph, world, engine };
}

t.test('every request ends, truthfully, and nothing is left behind', async (t) => {
  const run = fc.property(
    fc.nat(),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 5 }),
    (seed, size, requests) => {
      const { graph, world, engine } = simulate(seed, size, requests);
      deepStrictEqual([...world.results.keys()].length, requests);
      deepStrictEqual(
        [engine.requests.size, engine.goals.size, engine.blocked.size, engine.fetches.size],
        [0, 0, 0, 0],
      );
      deepStrictEqual([engine.slots.running, engine.offers.running, engine.downloads.running], [0, 0, 0]);
      for (const [path, times] of world.built) ok(times === 1, `${path} was built ${times} times`);
      for (const { exitStatus, results } of world.results.values()) {
        if (exitStatus !== 0) continue;
        for (const { target } of results) ok(isThere(graph, world.valid, target), `${target} is not there`);
      }
    },
  );
  fc.assert(run, { numRuns: 1000 });
  t.pass();
});

/** A plain path that nobody has is no failure, as in the reference; a derivation has to be there. */
function isThere({ derivations }: SimulatedGraph, valid: ReadonlySet<StorePath>, target: string): boolean {
  const [path, output] = target.split('!');
  const outputs = derivations.get(path as StorePath)?.outputs;
  if (outputs === undefined) return true;
  return [...outputs].every(([name, path]) => (output !== undefined && name !== output) || valid.has(path));
}
