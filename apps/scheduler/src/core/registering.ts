/** The last step of a derivation goal's life: what the store finds of the outputs that a build has made. */
import type { OutputPath, Registration } from '@cooper/contracts';
import { endNow, type Failure, fail, giveUp } from './ending.ts';
import type { Engine } from './engine.ts';
import type { Build, DerivationGoal } from './goal.ts';
import type { BuildEnd, GoalEventOf } from './goal-event.ts';
import { messages } from './messages.ts';
import { wantSlot } from './places.ts';

type Rejection = Extract<Registration, { status: 'rejected' }>;

/** Has the store judge the outputs. All rounds but the last are only compared; the rounds of a check are builds of their own. */
export function register(engine: Engine, goal: DerivationGoal, end: Extract<BuildEnd, { status: 'succeeded' }>): void {
  const { mode, keepFailed } = goal.pool.options;
  goal.held = end.held ?? null;
  goal.state = 'registering';
  goal.since = engine.now;
  engine.perform({
    type: 'register-outputs',
    goal: goal.id,
    build: goal.build?.number ?? 0,
    ...(end.root === undefined ? {} : { root: end.root }),
    ...(end.storeDirectory === undefined ? {} : { storeDirectory: end.storeDirectory }),
    ...(end.owner === undefined ? {} : { owner: end.owner }),
    ...(mode !== 'check' && hasRoundsLeft(goal) ? { moreRounds: true } : {}),
    ...(keepFailed ? { keepDiffering: true } : {}),
  });
}

/** What is fixed beforehand cannot differ between rounds. */
function hasRoundsLeft({ plan, pool, round }: DerivationGoal): boolean {
  return plan?.fixedOutput !== true && round < pool.options.rounds;
}

export function endBuilt(engine: Engine, goal: DerivationGoal): void {
  warnOfRewriting(engine, goal, goal.build?.missing ?? []);
  succeed(engine, goal, {});
}

/** A check has made the same outputs again. */
export function endSame(engine: Engine, goal: DerivationGoal): void {
  warnOfRewriting(engine, goal, goal.build?.missing ?? []);
  if (!hasRoundsLeft(goal)) {
    succeed(engine, goal, { checked: true });
    return;
  }
  goal.build = null;
  endRound(engine, goal);
}

function succeed(engine: Engine, goal: DerivationGoal, facts: { readonly checked?: true }): void {
  letGoOfDirectory(engine, goal);
  engine.emit(goal, {
    event: 'build-succeeded',
    derivation: goal.path,
    outputs: goal.build?.missing ?? [],
    duration: Math.max(0, engine.now - goal.startTime),
    time: engine.now,
    ...facts,
  });
  endNow(engine, goal, { status: 'built' });
}

/** The store has put aside what this round made. The build is still prepared: the next round needs only a slot. */
export function buildAgain(engine: Engine, goal: DerivationGoal): void {
  warnOfRewriting(engine, goal, goal.build?.missing ?? []);
  endRound(engine, goal);
}

/** The next round begins when nothing is left of this one. */
function endRound(engine: Engine, goal: DerivationGoal): void {
  if (goal.held === null) beginRound(engine, goal);
  else settle(engine, goal, null);
}

function beginRound(engine: Engine, goal: DerivationGoal): void {
  if (goal.requests.size === 0) {
    giveUp(engine, goal);
    return;
  }
  goal.round++;
  wantSlot(engine, goal);
}

/** The store will not have the outputs; it has forgotten the build. */
export function endRejected(engine: Engine, goal: DerivationGoal, { rejection }: GoalEventOf<'rejected'>): void {
  const { build } = goal;
  if (build !== null) warnOfRewriting(engine, goal, judged(build, rejection));
  tellMismatch(engine, goal, rejection);
  goal.build = null;
  const { mode } = goal.pool.options;
  failAfterBuild(engine, goal, {
    status: rejection.code === 'not-deterministic' ? 'not-deterministic' : 'output-rejected',
    message: rejection.message,
    ...(isDecisive(rejection, mode) ? { decisive: true } : { lasting: isLasting(rejection) }),
    ...(rejection.differences === undefined ? {} : { differences: rejection.differences }),
  });
}

/** The store could not do it. It has forgotten the build. */
export function endRefused(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'store-refused'>): void {
  goal.build = null;
  failAfterBuild(engine, goal, { status: 'misc-failure', message: event.message, decisive: true });
}

/** The directory of a build that was to be kept if it fails is told of last, as in the reference. */
function failAfterBuild(engine: Engine, goal: DerivationGoal, failure: Failure): void {
  if (goal.held === null) fail(engine, goal, failure);
  else settle(engine, goal, failure);
}

/** Has the agent deal with the directory of the build, which has failed or not; then it goes on. */
function settle(engine: Engine, goal: DerivationGoal, failure: Failure | null): void {
  const { held, agentId: agent } = goal;
  if (held === null) throw new Error(`goal for ${goal.path}: nothing is held`);
  goal.held = null;
  goal.state = 'settling';
  goal.since = engine.now;
  goal.failure = failure;
  engine.perform({ type: 'settle-build', goal: goal.id, agent, held, failed: failure !== null });
}

export function endSettled(engine: Engine, goal: DerivationGoal, { keptDirectory }: GoalEventOf<'settled'>): void {
  const { failure } = goal;
  goal.failure = null;
  if (failure === null) beginRound(engine, goal);
  else fail(engine, goal, keptDirectory === null ? failure : { ...failure, keptDirectory });
}

/** Nobody will want to look at the directory of this build. */
export function letGoOfDirectory(engine: Engine, goal: DerivationGoal): void {
  const { held, agentId: agent } = goal;
  if (held === null) return;
  goal.held = null;
  engine.perform({ type: 'settle-build', goal: goal.id, agent, held, failed: false });
}

/** Whether every build would give such outputs. Contents that were promised may be served right another time. */
function isLasting({ code }: Rejection): boolean {
  return code !== 'not-deterministic' && code !== 'hash-mismatch';
}

/** What ends the whole request in the reference, with its message and without a trace line. */
function isDecisive({ code }: Rejection, mode: string): boolean {
  return code === 'unsupported-file-type' || (code === 'not-deterministic' && mode === 'check');
}

/** Contents that were promised and are others: beside the failure, in a form that programs can use. */
function tellMismatch(engine: Engine, goal: DerivationGoal, { code, output, expected, actual }: Rejection): void {
  if (code !== 'hash-mismatch' || output === undefined || expected === undefined || actual === undefined) return;
  engine.emit(goal, {
    event: 'hash-mismatch',
    path: output.path,
    algorithm: goal.plan?.hashAlgorithm ?? '',
    expected,
    actual,
  });
}

/** The outputs that the store has come to: the first that is not acceptable ends it, unless it has to compare them all. */
function judged({ missing }: Build, { code, output }: Rejection): readonly OutputPath[] {
  const place = missing.findIndex(({ path }) => path === output?.path);
  if (place < 0 || code === 'not-deterministic') return missing;
  const wasReached = code !== 'output-missing' && code !== 'suspicious-ownership';
  return missing.slice(0, wasReached ? place + 1 : place);
}

/** The reference says it of every output, rewritten or not, once one of a build is. */
function warnOfRewriting(engine: Engine, goal: DerivationGoal, outputs: readonly OutputPath[]): void {
  if (goal.build === null || goal.build.redirected.length === 0) return;
  for (const { path } of outputs) {
    engine.emit(goal, { event: 'message', level: 'warning', text: messages.rewriting(path) });
  }
}
