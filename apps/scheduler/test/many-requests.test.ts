/** Many requests over one large graph, in the engine alone: what is shared, who waits for whom, and what a cancel leaves. */
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { Engine, type EngineSettings, step } from '../src/core/engine.ts';
import type { Event } from '../src/core/event.ts';
import { snapshotOf } from '../src/core/snapshot.ts';
import { dice, randomGraph, type SimulatedGraph, storeDir } from './simulated-graph.ts';
import { SimulatedWorld } from './simulated-world.ts';
import type { Unstamped } from './trace-world.ts';

const settings: EngineSettings = {
  storeDir,
  system: 'x86_64-linux',
  maxJobs: 4,
  maxSubstitutions: 8,
  substitutes: false,
  cacheFailures: false,
  cores: 0,
  limits: { timeout: 0, maxSilentTime: 0, maxLogSize: 0 },
  sandbox: true,
  sandboxPaths: [],
  impersonateLinux26: false,
  log: null,
  impureEnvironment: new Map(),
  lockInterval: 5000,
};

/** A graph in which every build succeeds. */
function goodGraph(size: number, sparseness = size / 3): SimulatedGraph {
  const graph = randomGraph(dice(7), size, sparseness);
  const derivations = [...graph.derivations].map(([path, item]) => [path, { ...item, isGood: true }] as const);
  return { ...graph, derivations: new Map(derivations) };
}

class Run {
  readonly engine = new Engine(settings);
  readonly world: SimulatedWorld;
  readonly #graph: SimulatedGraph;
  #now = 0;

  constructor(graph: SimulatedGraph) {
    this.#graph = graph;
    // The last that came in is answered first, and nothing goes wrong.
    this.world = new SimulatedWorld(graph, (below) => below - 1);
    this.happen({ type: 'agents-changed', agents: [{ id: 1, name: 'local', isLocal: true }] });
  }

  happen(event: Unstamped<Event>): void {
    for (const effect of step(this.engine, { now: ++this.#now, ...event } as Event)) this.world.take(effect);
  }

  want(request: number, targets: readonly StorePath[]): void {
    this.happen({ type: 'realise', request, targets, mode: 'normal', purpose: 'realise', options: {} });
  }

  /** The store gives the derivations at `paths`, of which no output is valid, and nothing else happens. */
  read(paths: readonly StorePath[]): void {
    const contents = (path: StorePath) => this.#graph.derivations.get(path)?.contents ?? null;
    const derivations = paths.map((path) => ({ path, contents: contents(path), validOutputs: [] }));
    this.happen({ type: 'derivations-read', derivations });
  }

  /** Goes on until `isEnough`, or to the end. */
  goOn(isEnough = () => false): void {
    while (!isEnough()) {
      const event = this.world.next();
      if (event === undefined) return;
      this.happen(event);
    }
  }
}

t.test('20 requests over a graph of 500: what they want is built once', async (t) => {
  const graph = goodGraph(500);
  const run = new Run(graph);
  const all = [...graph.derivations.keys()];
  for (let request = 1; request <= 20; request++) run.want(request, all.slice(request * 20, request * 20 + 100));
  run.goOn();
  t.equal(run.world.results.size, 20);
  t.ok([...run.world.results.values()].every(({ exitStatus }) => exitStatus === 0));
  t.ok([...run.world.built.values()].every((times) => times === 1));
  t.ok(run.world.built.size > 300);
});

t.test('19 of them are taken back: the last has all that it wants, and nobody builds for the others', async (t) => {
  const graph = goodGraph(500);
  const run = new Run(graph);
  const all = [...graph.derivations.keys()];
  for (let request = 1; request <= 20; request++) run.want(request, all.slice(request * 20, request * 20 + 100));
  run.goOn(() => run.world.built.size === 5);
  const running = [...run.engine.goals.values()].filter(({ state }) => state === 'building').map(({ path }) => path);
  const expected = new Set([...run.world.built.keys(), ...running, ...closure(graph, all.slice(400, 500))]);
  for (let request = 1; request <= 19; request++) run.happen({ type: 'cancel', request });
  run.goOn();
  t.equal(run.world.results.get(20)?.exitStatus, 0);
  t.same(
    [...run.world.built.keys()].filter((path) => !expected.has(path)),
    [],
  );
  t.ok(expected.size < graph.derivations.size);
  t.equal(run.engine.goals.size, 0);
});

/** These derivations and all that they need. */
function closure({ derivations }: SimulatedGraph, targets: readonly StorePath[]): ReadonlySet<StorePath> {
  const makers = new Map<StorePath, StorePath>();
  for (const { path, outputs } of derivations.values()) for (const output of outputs.values()) makers.set(output, path);
  const found = new Set(targets);
  for (const path of found) {
    for (const input of derivations.get(path)?.inputs ?? []) found.add(makers.get(input) as StorePath);
  }
  return found;
}

t.test('who waits for a slot is told whose turn it is', async (t) => {
  const graph = goodGraph(8, Number.MAX_SAFE_INTEGER);
  const run = new Run(graph);
  const targets = [...graph.derivations.keys()];
  for (const [request, wanted] of [targets.slice(0, 6), targets.slice(6)].entries()) {
    run.want(request + 1, wanted);
    run.read(wanted);
  }
  const { goals, slots } = snapshotOf(run.engine);
  const waits = (request: number) =>
    goals
      .filter(({ requests, state }) => requests.includes(request) && state === 'slot-wanted')
      .map(({ waits }) => waits);
  t.equal(slots.builds, 4);
  t.strictSame(waits(1), Array(2).fill({ for: 'turn', request: 2 }));
  t.strictSame(waits(2), Array(2).fill({ for: 'slot', kind: 'build' }));
});
