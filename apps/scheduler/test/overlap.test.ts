/** Many requests at once over graphs that overlap: whatever the order of things, every derivation is built once. */
import { parseDerivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { Engine, step } from '../src/core/engine.ts';
import type { Event } from '../src/core/event.ts';
import type { RequestId } from '../src/core/goal.ts';
import { dice, type SimulatedDerivation, type SimulatedGraph } from './simulated-graph.ts';
import { SimulatedWorld } from './simulated-world.ts';
import { derivationBytes, pathOf, storeDir } from './trace-derivation.ts';
import { traceSettings } from './trace-replay.ts';
import type { Unstamped } from './trace-world.ts';

const size = 500;
const requests = Array.from({ length: 20 }, (_, index) => index + 1);
const every = Array.from({ length: size }, (_, index) => index);
const pathAt = (index: number) => pathOf(`n${index}.drv`);

/** Each derivation needs the one 20 before it, and some need another two. */
function inputsOf(index: number): readonly number[] {
  const places = index % 3 === 0 ? [index - 20, index - 37, index - 90] : [index - 20];
  return places.filter((place) => place >= 0);
}

function derivationAt(index: number): SimulatedDerivation {
  const inputs = inputsOf(index);
  const words = inputs.length === 0 ? [] : [`inputs=${inputs.map((input) => `n${input}.drv`).join(',')}`];
  const path = pathAt(index);
  const contents = derivationBytes([`n${index}.drv`, ...words]);
  const { outputs } = parseDerivation(contents, { storeDir, path });
  const made = new Map(Array.from(outputs, ([name, output]) => [name, output.path]));
  return { path, contents, outputs: made, inputs: inputs.map((input) => pathOf(`n${input}`)), isGood: true };
}

const graph: SimulatedGraph = {
  derivations: new Map(every.map((index) => [pathAt(index), derivationAt(index)])),
  offers: new Map(),
  broken: new Set(),
  isSteady: true,
};

/** Each request wants some of the later ones; together they want them all. */
function targetsOf(request: RequestId): readonly number[] {
  return every.filter((index) => index % requests.length === request - 1 && index >= size / 2);
}

/** Everything that `targets` need, themselves included. */
function closure(targets: readonly number[]): ReadonlySet<StorePath> {
  const found = new Set<number>();
  const pending = [...targets];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    pending.push(...inputsOf(next));
  }
  return new Set([...found].map(pathAt));
}

class Run {
  readonly engine = new Engine({ ...traceSettings, maxJobs: 4 });
  readonly world: SimulatedWorld;
  busiest = 0;
  #now = 0;

  constructor(seed: number) {
    this.world = new SimulatedWorld(graph, dice(seed));
    this.happen({ type: 'agents-changed', agents: [{ id: 1, name: 'local', isLocal: true }] });
  }

  happen(event: Unstamped<Event>): void {
    for (const effect of step(this.engine, { now: ++this.#now, ...event } as Event)) this.world.take(effect);
    this.busiest = Math.max(this.busiest, this.engine.slots.running);
  }

  realise(request: RequestId, cores = 0): void {
    const targets = targetsOf(request).map(pathAt);
    this.happen({ type: 'realise', request, targets, mode: 'normal', options: { cores }, purpose: 'realise' });
  }

  /** Lets things happen until `isEnough`, or until nothing is under way. */
  go(isEnough = () => false): void {
    for (let event = this.world.next(); event !== undefined; event = this.world.next()) {
      this.happen(event);
      if (isEnough()) return;
    }
  }

  get statuses(): readonly number[] {
    return requests.map((request) => this.world.results.get(request)?.exitStatus ?? -1);
  }
}

for (const seed of [1, 2, 3]) {
  t.test(`20 requests, 500 derivations, order ${seed}`, async (t) => {
    const run = new Run(seed);
    for (const request of requests) {
      run.realise(request);
      run.go(() => run.world.begun.length >= 10 * request);
    }
    run.go();
    t.same(run.statuses, Array(20).fill(0));
    t.equal(run.world.begun.length, size, 'as many builds as derivations');
    t.equal(run.world.built.size, size);
    t.equal(run.busiest, 4, 'all slots are used, and no more');
    t.equal(run.engine.goals.size, 0, 'nothing is left behind');
  });

  t.test(`cancelling 19 of them, order ${seed}`, async (t) => {
    const run = new Run(seed);
    for (const request of requests) run.realise(request);
    run.go(() => run.world.begun.length === 100);
    for (const request of requests.slice(0, -1)) run.happen({ type: 'cancel', request });
    run.go();
    const last = closure(targetsOf(20));
    const { begun, stopped, results } = run.world;
    t.ok(last.size < size);
    t.equal(results.get(20)?.exitStatus, 0);
    t.same(run.statuses.slice(0, -1), Array(19).fill(1));
    t.same(
      stopped.filter((path) => last.has(path)),
      [],
      'what the last needs goes on',
    );
    t.same(
      begun.slice(100).filter((path) => !last.has(path)),
      [],
      'and nothing else is begun',
    );
    t.equal(new Set(begun).size, begun.length, 'nothing is built twice');
  });

  t.test(`requests that differ in their options, order ${seed}`, async (t) => {
    const run = new Run(seed);
    for (const request of requests) run.realise(request, request % 4);
    run.go();
    t.same(run.statuses, Array(20).fill(0));
    t.equal(run.world.begun.length, size, 'what one has built the other finds');
  });
}
