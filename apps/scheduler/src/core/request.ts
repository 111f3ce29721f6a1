/** Requests: what clients asked for, from the first goal to the last. */
import type { Engine } from './engine.ts';
import type { EventOf } from './event.ts';
import type { BuildOptions, Goal, Request, RequestId } from './goal.ts';
import { derivationGoal, substitutionGoal } from './goal-maker.ts';
import type { GoalPool } from './goal-pool.ts';
import { messages } from './messages.ts';
import { isFailure, resultOf } from './request-result.ts';
import { parseTarget } from './target.ts';

/** Takes in a request: a goal for each target. */
export function realise(engine: Engine, event: EventOf<'realise'>): void {
  const request: Request = {
    id: event.request,
    targets: [],
    tops: new Set(),
    keepGoing: event.options.keepGoing ?? false,
    purpose: event.purpose,
    maxJobs: event.options.maxJobs ?? null,
    clientName: event.options.client?.name ?? '',
    uid: event.options.client?.uid ?? null,
    since: engine.now,
    goals: new Set(),
    open: 0,
    done: 0,
  };
  engine.requests.set(request.id, request);
  const pool = engine.pools.pool(buildOptions(engine, event));
  for (const target of event.targets) addTarget(engine, request, target, pool);
  finishIfDone(engine, request);
}

function addTarget(engine: Engine, request: Request, text: string, pool: GoalPool): void {
  const { path, kind, outputs } = parseTarget(engine.settings.storeDir, text);
  const isBuilt = kind === 'derivation' && (request.purpose === 'realise' || request.purpose === 'plan');
  const repair = pool.options.mode === 'repair';
  const requests = [request];
  const goal = isBuilt
    ? derivationGoal(engine, { path, outputs, pool, requests })
    : substitutionGoal(engine, { path, pool, requests, repair });
  engine.questions.lease([path], requests);
  if (!request.tops.has(goal) && goal.result === null) request.open++;
  request.tops.add(goal);
  request.targets.push({ target: text, outputs, goal });
}

function buildOptions({ settings }: Engine, { mode, purpose, options }: EventOf<'realise'>): BuildOptions {
  const { uid, gid } = options.client ?? {};
  return {
    mode,
    rounds: options.rounds ?? 1,
    dryRun: purpose === 'plan',
    keepFailed: options.keepFailed ?? false,
    cores: options.cores ?? settings.cores,
    limits: options.limits ?? settings.limits,
    sandbox: options.sandbox ?? settings.sandbox,
    ...(options.downloadTrace === undefined ? {} : { downloadTrace: options.downloadTrace }),
    sandboxPaths: [...settings.sandboxPaths, ...(options.sandboxPaths ?? [])],
    substitutes: settings.substitutes && (options.substitutes ?? true),
    substituteUrls: options.substituteUrls ?? null,
    fallback: options.fallback ?? false,
    offload: options.offload ?? true,
    ...(uid === undefined || gid === undefined ? {} : { client: { uid, gid } }),
  };
}

/** A goal that `request` needs has ended. */
export function goalEnded(engine: Engine, request: Request, goal: Goal): void {
  if (!engine.requests.has(request.id)) return;
  request.done++;
  if (!request.tops.has(goal)) return;
  if (request.purpose === 'repair' && goal.kind === 'substitution' && isFailure(request, goal)) {
    engine.perform({ type: 'find-deriver', request: request.id, path: goal.path });
    return;
  }
  countTop(engine, request, goal);
}

function countTop(engine: Engine, request: Request, goal: Goal): void {
  request.open--;
  // As in the reference, the first target that fails ends the request, unless it wants to keep going.
  if (isFailure(request, goal) && !request.keepGoing) finish(engine, request);
  else finishIfDone(engine, request);
}

/** What no cache has to repair something with is built again by the derivation that made it. */
export function rebuild(engine: Engine, { request: id, path, deriver }: EventOf<'deriver-found'>): void {
  const request = engine.requests.get(id);
  const failed = request?.targets.find(({ goal }) => goal.kind === 'substitution' && goal.path === path)?.goal;
  if (request === undefined || failed === undefined) return;
  if (deriver === null) {
    countTop(engine, request, failed);
    return;
  }
  const goal = derivationGoal(engine, { path: deriver, outputs: null, pool: failed.pool, requests: [request] });
  engine.questions.lease([deriver], [request]);
  // It takes the place of the goal that failed, which has not been counted; another target may have brought it in.
  const isNew = !request.tops.has(goal) && goal.result === null;
  request.tops.add(goal);
  for (const target of request.targets) if (target.goal === failed) target.goal = goal;
  if (!isNew) countTop(engine, request, goal);
}

function finishIfDone(engine: Engine, request: Request): void {
  if (request.open === 0) finish(engine, request);
}

function finish(engine: Engine, request: Request): void {
  engine.perform({ type: 'finish', request: request.id, result: resultOf(request) });
  letGo(engine, request);
}

/** Takes back a request: goals that nobody else wants are cancelled. */
export function withdraw(engine: Engine, id: RequestId): void {
  const request = engine.requests.get(id);
  if (request === undefined) return;
  engine.perform({
    type: 'finish',
    request: id,
    result: { ...resultOf(request), exitStatus: 1, message: messages.requestCancelled },
  });
  letGo(engine, request);
}

function letGo(engine: Engine, request: Request): void {
  engine.requests.delete(request.id);
  for (const goal of request.goals) {
    if (goal.requests.size > 1) {
      goal.requests.delete(request);
      if (goal.state === 'slot-wanted') engine.post(goal, { type: 'request-gone' });
      continue;
    }
    engine.pools.remove(goal);
    // One that has ended is nobody's any more, and is not worth the time.
    if (goal.result !== null) continue;
    goal.requests.delete(request);
    engine.cancel(goal);
  }
}
