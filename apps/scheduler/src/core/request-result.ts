/** The end of a request, as its client gets it: what became of each target, and the reference's words for it. */
import type { ResultStatus, TargetResult } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { PlannedSubstitute, RequestResult } from './effect.ts';
import type { DerivationGoal, Goal, GoalResult, GoalStatus, Request, TargetGoal } from './goal.ts';
import { messages } from './messages.ts';

const successes: ReadonlySet<GoalStatus> = new Set([
  'built',
  'substituted',
  'already-valid',
  'would-build',
  'would-substitute',
]);

/** That nobody has a plain path is a failure only for those who want it fetched, as in the reference. */
export function isFailure({ purpose }: Request, { result }: Goal): boolean {
  if (result === null) return false;
  if (result.status === 'no-substituters' || result.status === 'incomplete-closure')
    return purpose === 'ensure' || purpose === 'repair';
  return !successes.has(result.status);
}

export function resultOf(request: Request): RequestResult {
  const failed = request.targets.filter(({ goal }) => isFailure(request, goal)).map(({ goal }) => goal.path);
  return {
    results: request.targets.map(targetResult),
    exitStatus: failed.length === 0 ? 0 : exitStatus(request),
    ...(failed.length === 0 ? {} : { message: failureMessage(request, failed) }),
    plan: planOf(request),
  };
}

/** Some failures speak for the whole request, as in the reference, whichever of its goals they befall. */
function failureMessage(request: Request, failed: readonly StorePath[]): string {
  if (request.purpose === 'ensure' && failed[0] !== undefined) return messages.notEnsured(failed[0]);
  const unrepaired = request.targets.find(({ goal }) => goal.kind === 'substitution' && isFailure(request, goal));
  if (request.purpose === 'repair' && unrepaired) return messages.notRepaired(unrepaired.goal.path);
  return decisiveResult(request)?.message ?? messages.requestFailed([...new Set(failed)].sort());
}

function decisiveResult(request: Request): GoalResult | undefined {
  for (const { result } of request.goals) if (result?.decisive) return result;
  return undefined;
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

/** The reference's exit status: a limit outranks a failed build, and that every failure that speaks for itself alone. */
function exitStatus(request: Request): number {
  if (decisiveResult(request) !== undefined) return 1;
  const statuses = new Set(Array.from(request.goals, (goal) => goal.result?.status));
  if (statuses.has('timed-out') || statuses.has('log-limit-exceeded')) return 101;
  const permanent = (['permanent-failure', 'cached-failure', 'input-rejected'] as const).some((s) => statuses.has(s));
  return permanent ? 100 : 1;
}

/** Only for who asked for it: of 100,000 goals it takes a third of a second, in which nobody else is answered. */
function planOf(request: Request): RequestResult['plan'] {
  if (request.purpose !== 'plan') return { build: [], substitute: [], valid: [], unknown: [] };
  const made = outputsOf(request);
  const goals = [...request.goals];
  const with_ = (status: string, among: readonly Goal[] = goals) =>
    [...new Set(among.filter((goal) => goal.result?.status === status).map((goal) => goal.path))].sort();
  const derivations = goals.filter(({ kind }) => kind === 'derivation');
  return {
    build: with_('would-build', derivations),
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
