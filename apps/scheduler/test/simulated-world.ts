/**
 * A store, build agents and caches, all in one object: takes the engine's effects, and gives the events that answer them
 * in any order that is possible. It holds the engine to what it must never do.
 */
import { ok } from 'node:assert/strict';
import type { Outcome } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { Effect, RequestResult } from '../src/core/effect.ts';
import type { Event } from '../src/core/event.ts';
import type { GoalId, RequestId } from '../src/core/goal.ts';
import type { Dice, SimulatedDerivation, SimulatedGraph } from './simulated-graph.ts';
import type { Unstamped } from './trace-world.ts';

type Answer = () => Unstamped<Event> | undefined;
type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>;

export class SimulatedWorld {
  readonly valid = new Set<StorePath>();
  readonly results = new Map<RequestId, RequestResult>();
  /** How often each derivation has been built, and each item fetched. */
  readonly built = new Map<StorePath, number>();
  readonly fetched = new Map<StorePath, number>();
  /** The derivations whose builds were begun, and those whose builds were stopped, in order. */
  readonly begun: StorePath[] = [];
  readonly stopped: StorePath[] = [];
  /** Who has the outputs of a derivation locked: the goal that builds it. */
  readonly #locks = new Map<StorePath, GoalId>();
  readonly #builds = new Map<GoalId, SimulatedDerivation>();
  readonly #cancelled = new Set<GoalId>();
  readonly #fetching = new Set<StorePath>();
  readonly #pending: Answer[] = [];
  readonly #roll: Dice;
  readonly #graph: SimulatedGraph;

  constructor(graph: SimulatedGraph, roll: Dice) {
    this.#graph = graph;
    this.#roll = roll;
  }

  /** The next thing that happens, if anything is under way. */
  next(): Unstamped<Event> | undefined {
    while (this.#pending.length > 0) {
      const [answer] = this.#pending.splice(this.#roll(this.#pending.length), 1);
      const event = answer?.();
      if (event !== undefined) return event;
    }
    return undefined;
  }

  take(effect: Effect): void {
    switch (effect.type) {
      case 'read-derivations':
        for (const path of effect.paths) this.#answer(() => this.#read(path));
        break;
      case 'check-paths':
        for (const path of effect.paths) this.#answer(() => this.#check(path));
        break;
      case 'query-substitutes':
        for (const path of effect.paths) this.#answer(() => this.#find(effect.query, path));
        break;
      case 'fetch':
        this.#fetch(effect);
        break;
      case 'prepare-build':
        this.#answer(() => this.#prepare(effect));
        break;
      case 'offer':
        this.#answer(() => this.#offer(effect));
        break;
      case 'cancel-fetch':
      case 'cancel-offer':
        this.#cancelled.add(effect.goal);
        break;
      case 'register-outputs':
        this.#answer(() => this.#register(effect.goal));
        break;
      case 'abandon-build':
        this.#answer(() => this.#abandon(effect.goal));
        break;
      case 'set-timer':
        this.#answer(() => ({ type: 'timer', goal: effect.goal }));
        break;
      case 'finish':
        ok(!this.results.has(effect.request), 'a request ends once');
        this.results.set(effect.request, effect.result);
        break;
      default:
        ok(effect.type === 'add-leases' || effect.type === 'emit', `no answer to ${effect.type}`);
    }
  }

  #answer(answer: Answer): void {
    this.#pending.push(answer);
  }

  #read(path: StorePath): Unstamped<Event> {
    const { contents, outputs } = this.#derivation(path);
    const validOutputs = [...outputs].filter(([, output]) => this.valid.has(output)).map(([name]) => name);
    return { type: 'derivations-read', derivations: [{ path, contents, validOutputs }] };
  }

  #check(path: StorePath): Unstamped<Event> {
    return { type: 'paths-checked', asked: [path], valid: this.valid.has(path) ? [path] : [] };
  }

  #find(query: number, path: StorePath): Unstamped<Event> {
    return { type: 'substitutes-found', query, asked: [path], infos: [this.#graph.offers.get(path) ?? null] };
  }

  #fetch({ goal, info }: EffectOf<'fetch'>): void {
    const { path, references, narHash, narSize } = info;
    ok(!this.#fetching.has(path), 'nothing is fetched twice at once');
    for (const reference of references) ok(reference === path || this.valid.has(reference), 'references come first');
    this.#fetching.add(path);
    this.#answer(() => {
      this.#fetching.delete(path);
      if (this.#cancelled.delete(goal)) return { type: 'fetch-ended', goal, end: { status: 'cancelled' } };
      if (this.#graph.broken.has(path)) {
        return { type: 'fetch-ended', goal, end: { status: 'failed', code: 'not-found', message: '' } };
      }
      count(this.fetched, path);
      this.valid.add(path);
      const registered = { path, references, narHash, narSize, deriver: null, registrationTime: 0 };
      return { type: 'fetch-ended', goal, end: { status: 'registered', info: registered } };
    });
  }

  #prepare({ goal, derivation: path }: EffectOf<'prepare-build'>): Unstamped<Event> {
    const derivation = this.#derivation(path);
    for (const input of derivation.inputs) ok(this.valid.has(input), 'inputs come first');
    const missing = Array.from(derivation.outputs, ([name, path]) => ({ name, path })).filter(
      (output) => !this.valid.has(output.path),
    );
    if (missing.length === 0) return { type: 'preparation', goal, preparation: { status: 'valid' } };
    if (this.#locks.has(path)) return { type: 'preparation', goal, preparation: { status: 'locked', path } };
    this.#locks.set(path, goal);
    this.#builds.set(goal, derivation);
    const { contents } = derivation;
    const directory = new Uint8Array();
    const preparation = { build: goal, directory, contents, inputs: [], missing, valid: [], redirected: [] };
    return { type: 'preparation', goal, preparation: { status: 'prepared', ...preparation } };
  }

  #offer({ goal }: EffectOf<'offer'>): Unstamped<Event> {
    const ended = (outcome: Outcome) => ({ type: 'offer-ended', goal, outcome }) as const;
    if (this.#cancelled.delete(goal)) return ended({ status: 'cancelled' });
    const what = this.#graph.isSteady ? 9 : this.#roll(10);
    if (what === 0) return ended({ status: 'declined', reason: 'not mine' });
    if (what === 1) return ended({ status: 'postponed', reason: 'busy' });
    if (what === 2) return { type: 'agent-lost', goal, message: 'it died' };
    const derivation = this.#builds.get(goal);
    if (derivation !== undefined) this.begun.push(derivation.path);
    this.#answer(() => this.#endBuild(goal));
    return { type: 'build-event', goal, event: { event: 'started', process: 1, logFile: new Uint8Array(), time: 0 } };
  }

  #endBuild(goal: GoalId): Unstamped<Event> {
    const ended = (outcome: Outcome) => ({ type: 'offer-ended', goal, outcome }) as const;
    const derivation = this.#builds.get(goal);
    if (this.#cancelled.delete(goal)) {
      if (derivation !== undefined) this.stopped.push(derivation.path);
      return ended({ status: 'cancelled' });
    }
    if (!this.#graph.isSteady && this.#roll(10) === 0) return ended({ status: 'postponed', reason: 'all is lost' });
    const times = { startTime: 0, stopTime: 0, logSize: 0 };
    if (derivation?.isGood) return ended({ status: 'succeeded', ...times });
    return ended({ status: 'failed', ...times, exitCode: 1, signal: null });
  }

  #register(goal: GoalId): Unstamped<Event> {
    const derivation = this.#endOf(goal);
    count(this.built, derivation.path);
    for (const output of derivation.outputs.values()) this.valid.add(output);
    return { type: 'registration', goal, registration: { status: 'registered', infos: [] } };
  }

  #abandon(goal: GoalId): Unstamped<Event> {
    this.#endOf(goal);
    return { type: 'abandoned', goal };
  }

  /** The build of `goal` is over: its locks are free. */
  #endOf(goal: GoalId): SimulatedDerivation {
    const derivation = this.#builds.get(goal);
    if (derivation === undefined) throw new Error('the store knows no such build');
    this.#builds.delete(goal);
    this.#locks.delete(derivation.path);
    return derivation;
  }

  #derivation(path: StorePath): SimulatedDerivation {
    const derivation = this.#graph.derivations.get(path);
    if (derivation === undefined) throw new Error(`there is no derivation ${path}`);
    return derivation;
  }
}

function count(counts: Map<StorePath, number>, path: StorePath): void {
  counts.set(path, (counts.get(path) ?? 0) + 1);
}
