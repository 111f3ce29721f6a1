/** Requests: what clients asked for, from the first goal to the answer. */
import type { ResultStatus, TargetResult } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { PlannedSubstitute, RequestResult } from './effect.ts';
import type { Engine } from './engine.ts';
import type { EventOf } from './event.ts';
import type { BuildOptions, DerivationGoal, Goal, GoalResult, Request, RequestId, TargetGoal } from './goal.ts';
import { derivationGoal, substitutionGoal } from './goal-maker.ts';
import type { GoalPool } from './goal-pool.ts';
import { messages } from './messages.ts';
import { parseTarget } from './target.ts';

/** Takes in a request: a goal for each target. */
export function realise(engine: Engine, event: EventOf<'realise'>): void {
  const request: Request = {
    id: event.request,
    targets: [],
    tops: new Set(),
    keepGoing: event.options.keepGoing ?? false,
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
  const requests = [request];
  const goal =
    kind === 'derivation'
      ? derivationGoal(engine, { path, outputs, pool, requests })
      : substitutionGoal(engine, { path, pool, requests });
  engine.lease([path]);
  if (!request.tops.has(goal) && goal.result === null) request.open++;
  request.tops.add(goal);
  request.targets.push({ target: text, outputs, goal });
}

function buildOptions({ settings }: Engine, { mode, dryRun, options }: EventOf<'realise'>): BuildOptions {
  const { uid, gid } = options.client ?? {};
  return {
    mode,
    dryRun,
    keepFailed: options.keepFailed ?? false,
    cores: options.cores ?? settings.cores,
    limits: options.limits ?? settings.limits,
    sandbox: options.sandbox ?? settings.sandbox,
    sandboxPaths: [...settings.sandboxPaths, ...(options.sandboxPaths ?? [])],
    substitutes: settings.substitutes && (options.substitutes ?? true),
    substituteUrls: options.substituteUrls ?? null,
    fallback: options.fallback ?? false,
    ...(uid === undefined || gid === undefined ? {} : { client: { uid, gid } }),
  };
}

/** A goal that `request` needs has ended. */
export function goalEnded(engine: Engine, request: Request, goal: Goal): void {
  if (!engine.requests.has(request.id)) return;
  request.done++;
  if (!request.tops.has(goal)) return;
  request.open--;
  // As in the reference, the first target that fails ends the request, unless it wants to keep going.
  if (isFailure(goal) && !request.keepGoing) finish(engine, request);
  else finishIfDone(engine, request);
}

function finishIfDone(engine: Engine, request: Request): void {
  if (request.open === 0) finish(engine, request);
}

function isFailure(goal: Goal): boolean {
  const status = goal.result?.status;
  return (
    status !== undefined &&
    ![
      'built',
      'substituted',
      'already-valid',
      'would-build',
      'would-substitute',
      'no-substituters',
      'incomplete-closure',
    ].includes(status)
  );
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
    goal.requests.delete(request);
    if (goal.requests.size > 0) continue;
    engine.pools.remove(goal);
    if (goal.result === null) engine.post(goal, { type: 'cancelled' });
  }
}

function resultOf(request: Request): RequestResult {
  const failed = request.targets.filter(({ goal }) => isFailure(goal)).map(({ goal }) => goal.path);
  return {
    results: request.targets.map(targetResult),
    exitStatus: failed.length === 0 ? 0 : exitStatus(request),
    ...(failed.length === 0 ? {} : { message: failureMessage(request, failed) }),
    plan: planOf(request),
  };
}

/** Some failures speak for the whole request, as in the reference, whichever of its goals they befall. */
function failureMessage(request: Request, failed: readonly StorePath[]): string {
  for (const { result } of request.goals) if (result?.decisive && result.message !== undefined) return result.message;
  return messages.requestFailed([...new Set(failed)].sort());
}

function targetResult({ target, outputs, goal }: TargetGoal): TargetResult {
  const result = goal.result ?? { status: 'cancelled' as const };
  const wanted = new Set(outputs);
  const all = (goal as DerivationGoal).plan?.outputs ?? [];
  return {
    target,
    status: statusOf(result),
    outputs:
      goal.kind === 'derivation'
        ? all.filter(({ name }) => outputs === null || wanted.has(name))
        : [{ name: 'out', path: goal.path }],
    ...(result.message === undefined ? {} : { message: result.message }),
  };
}

/** The status that clients know. A plain path that cannot be had is none that failed, as in the reference. */
function statusOf({ status }: GoalResult): ResultStatus {
  if (status === 'incomplete-closure') return 'no-substituters';
  return status === 'would-substitute' ? 'substituted' : status;
}

/** The reference's exit status: a limit outranks a failed build, and that outranks every other failure. */
function exitStatus(request: Request): number {
  const statuses = new Set(Array.from(request.goals, (goal) => goal.result?.status));
  if (statuses.has('timed-out') || statuses.has('log-limit-exceeded')) return 101;
  const permanent = (['permanent-failure', 'cached-failure', 'input-rejected'] as const).some((s) => statuses.has(s));
  return permanent ? 100 : 1;
}

function planOf(request: Request): RequestResult['plan'] {
  const made = outputsOf(request);
  const with_ = (status: string) =>
    Array.from(request.goals)
      .filter((goal) => goal.result?.status === status)
      .map((goal) => goal.path)
      .sort();
  return {
    build: with_('would-build'),
    substitute: substitutesOf(request),
    valid: with_('already-valid'),
    unknown: with_('no-substituters').filter((path) => !made.has(path)),
  };
}

/** What the derivations of the request make: that no cache has it is no news. */
function outputsOf(request: Request): ReadonlySet<StorePath> {
  const outputs = new Set<StorePath>();
  for (const goal of request.goals) {
    if (goal.kind === 'derivation') for (const { path } of goal.plan?.outputs ?? []) outputs.add(path);
  }
  return outputs;
}

function substitutesOf(request: Request): readonly PlannedSubstitute[] {
  return Array.from(request.goals)
    .flatMap((goal) => (goal.kind === 'substitution' && goal.result?.status === 'would-substitute' ? [goal.info] : []))
    .filter((info) => info !== null && info !== undefined)
    .map(({ path, downloadSize, narSize }) => ({ path, downloadSize, narSize }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
