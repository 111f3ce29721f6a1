/** The inputs of a derivation goal: each has to be made valid before the build may have a slot. */
import { type Derivation, derivationReferences } from '@cooper/derivation';
import { fail } from './ending.ts';
import type { Engine } from './engine.ts';
import type { DerivationGoal, Goal } from './goal.ts';
import type { GoalEventOf } from './goal-event.ts';
import { derivationGoal, substitutionGoal } from './goal-maker.ts';
import type { GoalPool } from './goal-pool.ts';
import { messages } from './messages.ts';
import { wantSlot } from './places.ts';

/** An output has to be built: that needs every input. */
export function wantInputs(engine: Engine, goal: DerivationGoal, derivation: Derivation): void {
  goal.state = 'inputs-wanted';
  goal.since = engine.now;
  const sources = new Set(derivation.inputSources);
  const { requests } = goal;
  const pool = poolOfInputs(engine, goal);
  for (const [path, outputs] of derivation.inputDerivations) {
    addInput(goal, derivationGoal(engine, { path, outputs, pool, requests }));
  }
  for (const path of derivationReferences(derivation)) {
    if (sources.has(path)) addInput(goal, substitutionGoal(engine, { path, pool, requests }));
  }
  engine.announcements.build(goal);
  proceedOrWait(engine, goal);
}

/** What is checked is built from inputs that need only be there. */
function poolOfInputs(engine: Engine, { pool }: DerivationGoal): GoalPool {
  return pool.options.mode === 'check' ? engine.pools.pool({ ...pool.options, mode: 'normal' }) : pool;
}

/** Lets `goal` wait for `input`, or counts how it has ended. */
export function addInput(goal: DerivationGoal, input: Goal): void {
  if (input.result !== null) {
    if (input.result.status !== 'already-valid') noteInput(goal, input);
    return;
  }
  goal.inputs.add(input);
  input.waiters.add(goal);
}

/** An input has ended. The first failure is enough, unless a request wants to keep going. */
export function countInput(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'input-done'>): void {
  if (!goal.inputs.delete(event.input)) return;
  noteInput(goal, event.input);
  proceedOrWait(engine, goal);
}

/** Counts how an input has ended. */
export function noteInput(goal: DerivationGoal, input: Goal): void {
  if (input.result !== null && !isUsable(input)) goal.failedInputs++;
}

/** A dry run takes what would be built for built. */
function isUsable(input: Goal): boolean {
  const status = input.result?.status;
  return (
    status !== undefined &&
    ['built', 'substituted', 'already-valid', 'would-build', 'would-substitute'].includes(status)
  );
}

function proceedOrWait(engine: Engine, goal: DerivationGoal): void {
  if (goal.failedInputs > 0 && (goal.inputs.size === 0 || !keepsGoing(goal))) {
    for (const input of goal.inputs) input.waiters.delete(goal);
    goal.inputs.clear();
    fail(engine, goal, {
      status: 'dependency-failed',
      message: messages.dependenciesFailed(goal.path, goal.failedInputs),
    });
  } else if (goal.inputs.size > 0) {
    goal.waits = { for: 'inputs', count: goal.inputs.size };
  } else if (goal.seekAgain === 'wanted') {
    goal.seekAgain = 'done';
    readAgain(engine, goal);
  } else if (goal.pool.options.dryRun) {
    for (const { path } of goal.plan?.outputs ?? []) goal.pool.expected.add(path);
    engine.end(goal, { status: 'would-build' });
  } else {
    wantSlot(engine, goal);
  }
}

export function keepsGoing(goal: Goal): boolean {
  for (const request of goal.requests) if (request.keepGoing) return true;
  return false;
}

/** The derivation and what there is of its outputs is asked for afresh. */
export function readAgain(engine: Engine, goal: DerivationGoal): void {
  goal.state = 'derivation-wanted';
  goal.since = engine.now;
  goal.waits = null;
  engine.questions.readDerivation(goal);
}
