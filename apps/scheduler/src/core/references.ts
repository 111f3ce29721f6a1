/** The first half of a substitution goal's life: whether it is needed, who has it, and what it refers to. */
import { smallArchive } from '@cooper/contracts';
import { isStorePath } from '@cooper/store-path';
import type { Engine } from './engine.ts';
import { enterSubstitution, forgetInfo, wantDownload } from './fetching.ts';
import type { Goal, GoalResult, SubstitutionGoal } from './goal.ts';
import type { GoalEventOf } from './goal-event.ts';
import { substitutionGoal } from './goal-maker.ts';
import { keepsGoing } from './inputs.ts';
import { messages } from './messages.ts';

/** The store has said whether the path is valid. */
export function considerValidity(engine: Engine, goal: SubstitutionGoal, event: GoalEventOf<'path-checked'>): void {
  if (event.valid) end(engine, goal, { status: 'already-valid' });
  else if (goal.pool.expected.has(goal.path)) end(engine, goal, { status: 'would-build' });
  else if (!goal.pool.options.substitutes) endUnavailable(engine, goal);
  else if (goal.info === undefined) wantInfo(engine, goal);
  else if (goal.info === null) endUnavailable(engine, goal);
  else wantReferences(engine, goal);
}

function wantInfo(engine: Engine, goal: SubstitutionGoal): void {
  enterSubstitution(engine, goal, 'info-wanted');
  engine.questions.lease([goal.path], goal.requests);
  engine.queries.want(goal);
}

function endUnavailable(engine: Engine, goal: SubstitutionGoal): void {
  end(engine, goal, { status: 'no-substituters', message: messages.noSubstitute(goal.path) });
}

/** The agent has said what there is. */
export function considerInfo(engine: Engine, goal: SubstitutionGoal, event: GoalEventOf<'substitute-found'>): void {
  goal.info = event.info;
  goal.small = event.together && !goal.repair && (event.info?.narSize ?? 0) <= smallArchive;
  if (event.info === null) {
    endUnavailable(engine, goal);
    return;
  }
  engine.announcements.substitute(goal, event.info);
  wantReferences(engine, goal);
}

/** Nothing becomes valid before all that it refers to. */
function wantReferences(engine: Engine, goal: SubstitutionGoal): void {
  enterSubstitution(engine, goal, 'references-wanted');
  const others = (goal.info?.references ?? []).filter((path) => path !== goal.path);
  if (!others.every((path) => isStorePath(engine.settings.storeDir, path))) {
    end(engine, goal, { status: 'transient-failure', message: messages.foreignReference(goal.path) });
    return;
  }
  const { pool, requests, again } = goal;
  engine.questions.lease(
    others.filter((path) => !pool.substitutions.has(path)),
    requests,
  );
  for (const path of others) addReference(goal, substitutionGoal(engine, { path, pool, requests, again }));
  engine.newWaiters.push(goal);
  proceedOrWait(engine, goal);
}

function addReference(goal: SubstitutionGoal, reference: SubstitutionGoal): void {
  if (reference.result !== null) {
    note(goal, reference.result);
    return;
  }
  goal.inputs.add(reference);
  reference.waiters.add(goal);
}

/** Two items that refer to each other could only wait for ever. No honest cache has such; then nobody gets them. */
export function endCycle(engine: Engine, goal: SubstitutionGoal): void {
  end(engine, goal, { status: 'transient-failure', message: messages.cycle(goal.path) });
}

/** Something that it refers to has ended. */
export function countReference(engine: Engine, goal: SubstitutionGoal, { input }: GoalEventOf<'input-done'>): void {
  if (!goal.inputs.delete(input)) return;
  if (input.result !== null) note(goal, input.result);
  proceedOrWait(engine, goal);
}

/** Counts how an input that was to be fetched has ended, unless it is there now. */
export function note(goal: Goal, { status }: GoalResult): void {
  if (status === 'incomplete-closure') goal.incompleteInputs++;
  if (status === 'no-substituters' || status === 'incomplete-closure') goal.missingInputs++;
  else if (!['substituted', 'already-valid', 'would-substitute', 'would-build'].includes(status)) goal.failedInputs++;
}

function proceedOrWait(engine: Engine, goal: SubstitutionGoal): void {
  if (goal.inputs.size > 0 && (goal.failedInputs === 0 || keepsGoing(goal))) {
    goal.waits = { for: 'inputs', count: goal.inputs.size };
  } else if (goal.missingInputs > 0) {
    end(engine, goal, { status: 'incomplete-closure', message: messages.incompleteClosure(goal.path) });
  } else if (goal.failedInputs > 0) {
    end(engine, goal, { status: 'transient-failure', message: messages.incompleteClosure(goal.path) });
  } else if (goal.pool.options.dryRun) {
    end(engine, goal, { status: 'would-substitute' });
  } else {
    wantDownload(engine, goal);
  }
}

/** Nobody wants it, and nothing is under way. */
export function drop(engine: Engine, goal: SubstitutionGoal): void {
  end(engine, goal, { status: 'cancelled' });
}

function end(engine: Engine, goal: SubstitutionGoal, result: GoalResult): void {
  for (const input of goal.inputs) input.waiters.delete(goal);
  goal.inputs.clear();
  forgetInfo(goal, result);
  engine.end(goal, result);
}
