/** The ends of a derivation goal: each gives back what the goal holds, and tells those who want to know. */
import type { Difference, ResultStatus, SchedulerEvent } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { Engine } from './engine.ts';
import type { DerivationGoal, GoalResult } from './goal.ts';
import type { BuildEnd, GoalEventOf } from './goal-event.ts';
import { messages, waitStatus } from './messages.ts';

/** How much of a message the store takes in as a cause: characters. */
const longestCause = 4096;

type FailedEnd = Exclude<BuildEnd, { status: 'succeeded' }>;

/** A result with the notes that people see beside it, each a line of its own. */
export interface Failure extends GoalResult {
  readonly status: ResultStatus;
  readonly notes?: readonly string[];
  readonly end?: FailedEnd;
  /** The directory of a build whose outputs were refused. */
  readonly keptDirectory?: Uint8Array;
  /** True for what will happen again whenever it is tried. */
  readonly lasting?: boolean;
  readonly differences?: readonly Difference[];
}

/** What the end of a job that did not succeed means for its goal. */
export function endedBuildResult(goal: DerivationGoal, end: FailedEnd): Failure {
  switch (end.status) {
    case 'failed':
      return {
        status: isTransient(goal, end) ? 'transient-failure' : 'permanent-failure',
        message: messages.builderFailed(goal.path, end),
        notes: failureNotes(end),
        end,
        lasting: !isTransient(goal, end),
      };
    case 'limited':
      return {
        status: end.limit === 'max-log-size' ? 'log-limit-exceeded' : 'timed-out',
        message: messages.limitReached(goal.path, end, goal.pool.options.limits),
        notes: failureNotes(end),
        end,
      };
    case 'agent-failed':
      return { status: 'transient-failure', message: messages.agentFailed(goal.path, end), end };
    case 'not-started':
      return end.step === 'execute'
        ? {
            status: 'permanent-failure',
            message: messages.builderNotStarted(goal.path),
            notes: [messages.notStarted(end)],
            end,
            lasting: true,
          }
        : { status: 'misc-failure', message: messages.notStarted(end), end };
    case 'unsupported-system':
      return {
        status: 'permanent-failure',
        message: messages.builderNotStarted(goal.path),
        notes: [messages.unsupportedSystem(goal.path, end)],
        end,
      };
    case 'cancelled':
      return { status: 'cancelled' };
  }
}

/** What fails for want of the network, of space or of memory may succeed another time. */
function isTransient(goal: DerivationGoal, end: Extract<FailedEnd, { status: 'failed' }>): boolean {
  if (goal.plan?.fixedOutput === true || end.fullFileSystem !== undefined) return true;
  return end.outOfMemory === true || end.metLimits !== undefined;
}

function failureNotes(end: Extract<FailedEnd, { status: 'failed' | 'limited' }>): readonly string[] {
  const notes: string[] = [];
  if ('fullFileSystem' in end && end.fullFileSystem !== undefined)
    notes.push(messages.diskFull(asText(end.fullFileSystem)));
  if ('outOfMemory' in end && end.outOfMemory === true) notes.push(messages.outOfMemory);
  if ('metLimits' in end) for (const limit of end.metLimits ?? []) notes.push(messages.metLimit(limit));
  if (end.keptDirectory !== undefined) notes.push(messages.keptDirectory(asText(end.keptDirectory)));
  return notes;
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** Ends `goal` with a failure; a build that the store has prepared is given up first. */
export function fail(engine: Engine, goal: DerivationGoal, failure: Failure): void {
  if (failure.end?.status === 'unsupported-system') tellUnsupported(engine, goal, failure.end.system);
  for (const text of failure.notes ?? []) engine.emit(goal, { event: 'message', level: 'error', text });
  if (failure.status !== 'cancelled') engine.emit(goal, failureEvent(engine, goal, failure));
  if (failure.keptDirectory !== undefined) {
    const text = messages.keptDirectory(asText(failure.keptDirectory));
    engine.emit(goal, { event: 'message', level: 'error', text });
  }
  const result = {
    status: failure.status,
    ...(failure.message === undefined ? {} : { message: failure.message }),
    ...(failure.decisive === undefined ? {} : { decisive: failure.decisive }),
  };
  if (isWorthRemembering(engine, goal, failure)) remember(engine, goal, result);
  else abandonThenEnd(engine, goal, result);
}

function tellUnsupported(engine: Engine, goal: DerivationGoal, system: string): void {
  engine.emit(goal, { event: 'unsupported-platform', derivation: goal.path, system });
}

/** What is fixed beforehand mostly fails for want of a server. What has been valid once can be built. */
function isWorthRemembering(engine: Engine, { plan, pool }: DerivationGoal, { lasting }: Failure): boolean {
  if (lasting !== true || !engine.settings.cacheFailures) return false;
  return plan !== null && !plan.fixedOutput && pool.options.mode === 'normal';
}

/** The end is told when the store has noted it: whoever hears of the end can ask for the note. */
function remember(engine: Engine, goal: DerivationGoal, result: GoalResult): void {
  engine.releaseSlot(goal);
  goal.state = 'remembering';
  goal.since = engine.now;
  goal.pending = result;
  const paths = (goal.plan?.outputs ?? []).map(({ path }) => path);
  engine.perform({ type: 'add-failures', goal: goal.id, paths, cause: (result.message ?? '').slice(0, longestCause) });
}

export function endRemembered(engine: Engine, goal: DerivationGoal): void {
  abandonThenEnd(engine, goal, goal.pending ?? { status: 'cancelled' });
}

/** The end of a build that is known to fail. */
export function failedBefore(output: StorePath): Failure {
  return { status: 'cached-failure', message: messages.failedBefore(output) };
}

function failureEvent(engine: Engine, goal: DerivationGoal, failure: Failure): SchedulerEvent {
  const { status, message, end } = failure;
  return {
    event: 'build-failed',
    derivation: goal.path,
    status,
    message: message ?? '',
    time: engine.now,
    ...(failure.decisive ? { decisive: true } : {}),
    ...(failure.differences === undefined ? {} : { differences: failure.differences }),
    ...(goal.logFile === null ? {} : { logFile: goal.logFile }),
    ...(end?.status === 'failed' && end.exitCode !== null ? { exitCode: end.exitCode } : {}),
    ...(end?.status === 'failed' && end.signal !== null ? { signal: end.signal } : {}),
    ...(end?.status === 'limited' ? { limit: end.limit } : {}),
    ...(end?.status === 'failed' && end.fullFileSystem !== undefined ? { fullFileSystem: end.fullFileSystem } : {}),
    ...(end?.status === 'failed' && end.outOfMemory === true ? { outOfMemory: true } : {}),
    ...(end?.status === 'failed' && end.metLimits !== undefined ? { metLimits: end.metLimits } : {}),
    ...(end?.status === 'agent-failed' ? { agentStatus: waitStatus(end) } : {}),
    ...(failure.keptDirectory === undefined ? {} : { keptDirectory: failure.keptDirectory }),
    ...(end !== undefined && 'keptDirectory' in end && end.keptDirectory !== undefined
      ? { keptDirectory: end.keptDirectory }
      : {}),
  };
}

function abandonThenEnd(engine: Engine, goal: DerivationGoal, result: GoalResult, build = goal.build?.number): void {
  engine.releaseSlot(goal);
  engine.waitingForAgent.delete(goal);
  goal.build = null;
  if (build === undefined) {
    endNow(engine, goal, result);
    return;
  }
  goal.state = 'abandoning';
  goal.since = engine.now;
  goal.pending = result;
  engine.perform({ type: 'abandon-build', goal: goal.id, build });
}

export function endNow(engine: Engine, goal: DerivationGoal, result: GoalResult): void {
  engine.releaseSlot(goal);
  goal.build = null;
  wakeBlocked(engine, goal);
  engine.end(goal, result);
}

/** The locks of `goal` are free: whoever waited for them may ask again. */
function wakeBlocked(engine: Engine, goal: DerivationGoal): void {
  const blocked = engine.blocked.get(goal.path);
  if (blocked === undefined) return;
  blocked.delete(goal);
  engine.blocked.delete(goal.path);
  for (const other of blocked) engine.post(other, { type: 'timer' });
}

/** Nobody wants it, and nothing is under way. */
export function drop(engine: Engine, goal: DerivationGoal): void {
  for (const input of goal.inputs) input.waiters.delete(goal);
  goal.inputs.clear();
  endNow(engine, goal, { status: 'cancelled' });
}

/** Nobody wants it, and the store has prepared a build for it. */
export function giveUp(engine: Engine, goal: DerivationGoal): void {
  abandonThenEnd(engine, goal, { status: 'cancelled' });
}

/** Nobody wants it, and only now does the store say which build it has prepared. */
export function giveUpPrepared(engine: Engine, goal: DerivationGoal, { preparation }: GoalEventOf<'prepared'>): void {
  abandonThenEnd(engine, goal, { status: 'cancelled' }, preparation.build);
}

/** The build that the goal had prepared has been given up. */
export function endPending(engine: Engine, goal: DerivationGoal): void {
  endNow(engine, goal, goal.pending ?? { status: 'cancelled' });
}

export function endValid(engine: Engine, goal: DerivationGoal): void {
  endNow(engine, goal, { status: 'already-valid' });
}

export function endMissingInput(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'input-missing'>): void {
  fail(engine, goal, {
    status: 'misc-failure',
    message: messages.missingInput(goal.path, event.preparation.path),
  });
}

/** The store could not do what was asked. It has forgotten the build. */
export function endRefused(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'store-refused'>): void {
  goal.build = null;
  const status = event.code === 'invalid-derivation' ? 'input-rejected' : 'misc-failure';
  fail(engine, goal, { status, message: event.message, decisive: true });
}

/** An agent cannot build here at all. Whatever it is, it is not the derivation's fault. */
export function endImpossible(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'agent-refused'>): void {
  fail(engine, goal, { status: 'misc-failure', message: event.message, decisive: true });
}

export function endLost(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'agent-lost'>): void {
  fail(engine, goal, {
    status: 'transient-failure',
    message: messages.agentLost(goal.path, goal.agent, event.message),
  });
}
