/** Mode repair, once the outputs themselves are good: everything else in their closure has to be good as well. */
import { fail } from './ending.ts';
import type { Engine } from './engine.ts';
import type { BrokenItem } from './event.ts';
import { type DerivationGoal, type Goal, type GoalStatus, wantedOutputs, wantsMore } from './goal.ts';
import type { GoalEventOf } from './goal-event.ts';
import { derivationGoal, substitutionGoal } from './goal-maker.ts';
import { addInput, keepsGoing, noteInput, readAgain } from './inputs.ts';
import { messages } from './messages.ts';

/** Has the closure of the outputs that are wanted inspected; the goal is to end with `status`. */
export function inspectClosure(engine: Engine, goal: DerivationGoal, status: GoalStatus): void {
  goal.state = 'closure-wanted';
  goal.since = engine.now;
  goal.pending = { status };
  engine.perform({
    type: 'inspect-closure',
    goal: goal.id,
    derivation: goal.path,
    outputs: wantedOutputs(goal).map(({ path }) => path),
    checked: (goal.plan?.outputs ?? []).map(({ path }) => path),
  });
}

/** What is broken is fetched, or built by the derivation that it came from. */
export function considerClosure(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'closure-inspected'>): void {
  goal.state = 'closure-repairing';
  goal.since = engine.now;
  for (const item of event.broken) {
    engine.emit(goal, { event: 'message', level: 'error', text: messages.brokenInClosure(goal.path, item.path) });
    addInput(goal, repairGoal(engine, goal, item));
  }
  endOrWait(engine, goal);
}

function repairGoal(engine: Engine, { pool, requests }: DerivationGoal, { path, deriver }: BrokenItem): Goal {
  return deriver === null
    ? substitutionGoal(engine, { path, pool, requests, repair: true })
    : derivationGoal(engine, { path: deriver, outputs: null, pool, requests });
}

/** One of them has ended. As elsewhere, the first failure is enough, unless a request wants to keep going. */
export function countRepaired(engine: Engine, goal: DerivationGoal, { input }: GoalEventOf<'input-done'>): void {
  if (!goal.inputs.delete(input)) return;
  noteInput(goal, input);
  endOrWait(engine, goal);
}

function endOrWait(engine: Engine, goal: DerivationGoal): void {
  if (goal.failedInputs > 0 && (goal.inputs.size === 0 || !keepsGoing(goal))) {
    for (const input of goal.inputs) input.waiters.delete(goal);
    goal.inputs.clear();
    fail(engine, goal, {
      status: 'dependency-failed',
      message: messages.closureNotRepaired(goal.path),
      decisive: true,
    });
  } else if (goal.inputs.size > 0) {
    goal.waits = { for: 'inputs', count: goal.inputs.size };
  } else if (wantsMore(goal)) {
    readAgain(engine, goal);
  } else {
    engine.end(goal, goal.pending ?? { status: 'already-valid' });
  }
}
