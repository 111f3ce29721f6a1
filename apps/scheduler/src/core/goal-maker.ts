/** Making goals, or finding the one that is there already for the same path and the same options. */
import { type StorePath, storePathName } from '@cooper/store-path';
import type { Engine } from './engine.ts';
import type { DerivationGoal, Goal, Request, SubstitutionGoal } from './goal.ts';
import type { GoalPool } from './goal-pool.ts';

interface Wish {
  readonly path: StorePath;
  readonly pool: GoalPool;
  readonly requests: Iterable<Request>;
}

/** The goal that makes `outputs` (nil: all) of a derivation valid, for these requests. */
export function derivationGoal(
  engine: Engine,
  wish: Wish & { readonly outputs: readonly string[] | null },
): DerivationGoal {
  const found = findShared(engine, wish.pool.derivations, wish);
  if (found !== undefined && widen(found, wish.outputs)) return found;
  const goal: DerivationGoal = {
    ...newGoal(engine, wish, `b$${storePathName(wish.path)}$${wish.path}`),
    kind: 'derivation',
    state: 'derivation-wanted',
    wanted: wish.outputs === null ? null : new Set(wish.outputs),
    plan: null,
    derivation: null,
    missing: [],
    sought: null,
    seekAgain: 'no',
    build: null,
    round: 1,
    place: 'here',
    asked: 0,
    agent: '',
    agentId: 0,
    held: null,
    failure: null,
    process: null,
    logFile: null,
    startTime: 0,
    pending: null,
  };
  wish.pool.derivations.set(goal.path, goal);
  introduce(engine, goal);
  engine.questions.readDerivation(goal);
  return goal;
}

interface SubstitutionWish extends Wish {
  /** The path is known to be invalid, or to be replaced in any case: no need to ask. */
  readonly invalid?: boolean;
  readonly repair?: boolean;
  /** What no cache had before may be had now. */
  readonly again?: boolean;
}

/** The goal that fetches a path unless it is valid, for these requests. */
export function substitutionGoal(engine: Engine, wish: SubstitutionWish): SubstitutionGoal {
  const { path, pool, repair = false, again = false } = wish;
  const found = findShared(engine, pool.substitutions, wish);
  const isEnough = found !== undefined && (found.repair || !repair);
  if (isEnough && !(again && wasMissing(found))) return found;
  const goal: SubstitutionGoal = {
    ...newGoal(engine, wish, `a$${storePathName(path)}$${path}`),
    kind: 'substitution',
    state: 'validity-wanted',
    repair,
    again,
    info: found?.info,
    small: !repair && (found?.small ?? false),
    startTime: 0,
    heard: 0,
    pending: null,
  };
  pool.substitutions.set(path, goal);
  introduce(engine, goal);
  if (wish.invalid || repair) engine.post(goal, { type: 'path-checked', valid: false });
  else engine.questions.checkPath(goal);
  return goal;
}

/** Nobody had it, or not all that it refers to. */
function wasMissing({ result }: SubstitutionGoal): boolean {
  return result?.status === 'no-substituters' || result?.status === 'incomplete-closure';
}

function newGoal(engine: Engine, { path, pool, requests }: Wish, order: string) {
  return {
    id: engine.nextGoalId(),
    path,
    order,
    pool,
    requests: new Set(requests),
    waiters: new Set<Goal>(),
    inputs: new Set<Goal>(),
    endedInputs: new Set<Goal>(),
    failedInputs: 0,
    missingInputs: 0,
    incompleteInputs: 0,
    since: engine.now,
    waits: null,
    result: null,
  };
}

function introduce(engine: Engine, goal: Goal): void {
  engine.goals.set(goal.id, goal);
  for (const request of goal.requests) request.goals.add(goal);
}

/**
 * A goal under way serves every request that joins. One that has ended serves only requests that it was made for: what
 * another request found, minutes ago, may no longer be so.
 */
function findShared<G extends Goal>(
  engine: Engine,
  goals: ReadonlyMap<StorePath, G>,
  { path, requests }: Wish,
): G | undefined {
  const goal = goals.get(path);
  if (goal === undefined || isLeaving(goal)) return undefined;
  for (const request of requests) {
    if (goal.requests.has(request)) continue;
    if (goal.result !== null) return undefined;
    join(engine, goal, request);
  }
  return goal;
}

function isLeaving(goal: Goal): boolean {
  const isEnding = ['withdrawing', 'settling', 'remembering', 'abandoning'].includes(goal.state);
  return isEnding || goal.result?.status === 'cancelled';
}

/** Makes `request` one of those that need `goal` and all that it waits for. */
function join(engine: Engine, goal: Goal, request: Request): void {
  const pending: Goal[] = [goal];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.requests.has(request)) continue;
    next.requests.add(request);
    request.goals.add(next);
    for (const needed of [next, ...next.endedInputs]) engine.questions.lease(pathsOf(needed), [request]);
    engine.lineUp(next, [request]);
    pending.push(...next.inputs);
  }
}

/** What a goal is to make valid, and what it makes that from. */
function pathsOf(goal: Goal): readonly StorePath[] {
  const outputs = goal.kind === 'derivation' ? (goal.plan?.outputs ?? []) : [];
  return [goal.path, ...outputs.map(({ path }) => path)];
}

/** Lets `goal` want more outputs. False when it has ended without looking at them. */
function widen(goal: DerivationGoal, outputs: readonly string[] | null): boolean {
  if (goal.wanted === null) return true;
  const more = outputs === null || outputs.some((output) => !goal.wanted?.has(output));
  if (!more) return true;
  // A build makes all outputs, wanted or not; only the finding that all that is wanted is there depends on the wish.
  if (['already-valid', 'substituted', 'would-substitute'].includes(goal.result?.status ?? '')) return false;
  if (outputs === null) goal.wanted = null;
  else for (const output of outputs) goal.wanted.add(output);
  return true;
}
