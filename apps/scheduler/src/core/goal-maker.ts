/** Making goals, or finding the one that is there already for the same path and the same options. */
import { type StorePath, storePathName } from '@cooper/store-path';
import type { Engine } from './engine.ts';
import type { BuildOptions, DerivationGoal, Goal, Request, SubstitutionGoal } from './goal.ts';

interface Wish {
  readonly path: StorePath;
  readonly options: BuildOptions;
  readonly requests: Iterable<Request>;
}

/** The goal that makes `outputs` (nil: all) of a derivation valid, for these requests. */
export function derivationGoal(
  engine: Engine,
  wish: Wish & { readonly outputs: readonly string[] | null },
): DerivationGoal {
  const key = `b${wish.path}\0${optionsKey(wish.options)}`;
  const found = findShared(engine, key, wish.requests) as DerivationGoal | undefined;
  if (found !== undefined && widen(found, wish.outputs)) return found;
  const goal: DerivationGoal = {
    ...newGoal(engine, wish, key, `b$${storePathName(wish.path)}$${wish.path}`),
    kind: 'derivation',
    state: 'derivation-wanted',
    wanted: wish.outputs === null ? null : new Set(wish.outputs),
    plan: null,
    build: null,
    holdsSlot: false,
    asked: 0,
    agent: '',
    process: null,
    logFile: null,
    startTime: 0,
    pending: null,
  };
  introduce(engine, goal);
  engine.readDerivation(goal);
  return goal;
}

/** The goal that makes a plain path valid, for these requests. */
export function substitutionGoal(engine: Engine, wish: Wish): SubstitutionGoal {
  const key = `a${wish.path}\0${optionsKey(wish.options)}`;
  const found = findShared(engine, key, wish.requests);
  if (found !== undefined) return found as SubstitutionGoal;
  const goal: SubstitutionGoal = {
    ...newGoal(engine, wish, key, `a$${storePathName(wish.path)}$${wish.path}`),
    kind: 'substitution',
    state: 'validity-wanted',
  };
  introduce(engine, goal);
  engine.checkPath(goal);
  return goal;
}

function newGoal(engine: Engine, wish: Wish, key: string, order: string) {
  return {
    id: engine.nextGoalId(),
    key,
    path: wish.path,
    order,
    options: wish.options,
    requests: new Set(wish.requests),
    waiters: new Set<Goal>(),
    inputs: new Set<Goal>(),
    failedInputs: 0,
    since: engine.now,
    waits: null,
    result: null,
  };
}

function introduce(engine: Engine, goal: Goal): void {
  engine.shared.set(goal.key, goal);
  engine.goals.set(goal.id, goal);
  for (const request of goal.requests) request.goals.add(goal);
}

/**
 * A goal under way serves every request that joins. One that has ended serves only requests that it was made for: what
 * another request found, minutes ago, may no longer be so.
 */
function findShared(engine: Engine, key: string, requests: Iterable<Request>): Goal | undefined {
  const goal = engine.shared.get(key);
  if (goal === undefined || isLeaving(goal)) return undefined;
  if (goal.result !== null) {
    for (const request of requests) if (!goal.requests.has(request)) return undefined;
  }
  for (const request of requests) join(goal, request);
  return goal;
}

function isLeaving(goal: Goal): boolean {
  return goal.state === 'withdrawing' || goal.state === 'abandoning' || goal.result?.status === 'cancelled';
}

/** Makes `request` one of those that need `goal` and all that it waits for. */
function join(goal: Goal, request: Request): void {
  const pending: Goal[] = [goal];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.requests.has(request)) continue;
    next.requests.add(request);
    request.goals.add(next);
    pending.push(...next.inputs);
  }
}

/** Lets `goal` want more outputs. False when it has ended without looking at them. */
function widen(goal: DerivationGoal, outputs: readonly string[] | null): boolean {
  if (goal.wanted === null) return true;
  const more = outputs === null || outputs.some((output) => !goal.wanted?.has(output));
  if (!more) return true;
  // A build makes all outputs, wanted or not; only the finding that all that is wanted is there depends on the wish.
  if (goal.result?.status === 'already-valid') return false;
  if (outputs === null) goal.wanted = null;
  else for (const output of outputs) goal.wanted.add(output);
  return true;
}

const keys = new WeakMap<BuildOptions, string>();

/** Equal for options that make the same build. */
function optionsKey(options: BuildOptions): string {
  let key = keys.get(options);
  if (key === undefined) {
    const { limits, client, sandboxPaths, ...rest } = options;
    const paths = sandboxPaths.map(({ target, source }) => [
      Buffer.from(target).toString('hex'),
      Buffer.from(source).toString('hex'),
    ]);
    key = JSON.stringify([
      rest.mode,
      rest.dryRun,
      rest.keepFailed,
      rest.cores,
      rest.sandbox,
      Object.values(limits),
      paths,
      options.keepFailed ? client : null,
    ]);
    keys.set(options, key);
  }
  return key;
}
