/** The outputs of a derivation goal, and the derivation itself, from caches: what comes before thinking of a build. */
import type { Derivation } from '@cooper/derivation';
import { Attributes } from './attributes.ts';
import { fail } from './ending.ts';
import type { Engine } from './engine.ts';
import { type DerivationGoal, type SubstitutionGoal, wantsMore } from './goal.ts';
import type { GoalEventOf } from './goal-event.ts';
import { substitutionGoal } from './goal-maker.ts';
import { keepsGoing, readAgain } from './inputs.ts';
import { messages } from './messages.ts';
import { acceptOutputs, buildOutputs } from './outputs.ts';
import { note } from './references.ts';

/** The derivation is not valid: it may be had like any other item. */
export function seekDerivation(engine: Engine, goal: DerivationGoal): void {
  const { path, pool, requests } = goal;
  goal.state = 'derivation-missing';
  goal.since = engine.now;
  seek(goal, substitutionGoal(engine, { path, pool, requests, invalid: true }));
  goal.waits = { for: 'inputs', count: 1 };
}

/** The fetch of the derivation has ended: read it, or there is nothing to go by. */
export function readFetched(engine: Engine, goal: DerivationGoal, { input }: GoalEventOf<'input-done'>): void {
  goal.inputs.delete(input);
  if (input.result?.status === 'substituted' || input.result?.status === 'already-valid') readAgain(engine, goal);
  else fail(engine, goal, { status: 'misc-failure', message: messages.missingDerivation(goal.path) });
}

/** Outputs are not valid. What caches have of them is fetched; else, they have to be built. */
export function seekOutputs(engine: Engine, goal: DerivationGoal, derivation: Derivation): void {
  if (!mayFetch(goal, derivation)) {
    buildOutputs(engine, goal, derivation);
    return;
  }
  const { pool, requests } = goal;
  const again = goal.seekAgain === 'done';
  goal.state = 'outputs-wanted';
  goal.since = engine.now;
  goal.derivation = derivation;
  const repair = pool.options.mode === 'repair';
  for (const path of goal.missing) {
    seek(goal, substitutionGoal(engine, { path, pool, requests, again, invalid: true, repair }));
  }
  proceedOrWait(engine, goal);
}

function mayFetch(goal: DerivationGoal, derivation: Derivation): boolean {
  return goal.pool.options.substitutes && new Attributes(derivation, goal.path).allows('allowSubstitutes');
}

function seek(goal: DerivationGoal, wanted: SubstitutionGoal): void {
  if (wanted.result !== null) {
    note(goal, wanted.result);
    return;
  }
  goal.inputs.add(wanted);
  wanted.waiters.add(goal);
}

/** An output has been fetched, or cannot be. */
export function countOutput(engine: Engine, goal: DerivationGoal, { input }: GoalEventOf<'input-done'>): void {
  if (!goal.inputs.delete(input)) return;
  if (input.result !== null) note(goal, input.result);
  proceedOrWait(engine, goal);
}

function proceedOrWait(engine: Engine, goal: DerivationGoal): void {
  if (goal.inputs.size > 0 && (goal.failedInputs === 0 || keepsGoing(goal))) {
    goal.waits = { for: 'inputs', count: goal.inputs.size };
    return;
  }
  for (const input of goal.inputs) input.waiters.delete(goal);
  goal.inputs.clear();
  conclude(engine, goal);
}

/** Every output that was sought is there, or there is no way to fetch it. */
function conclude(engine: Engine, goal: DerivationGoal): void {
  const { derivation, failedInputs, missingInputs, incompleteInputs } = goal;
  Object.assign(goal, { derivation: null, failedInputs: 0, missingInputs: 0, incompleteInputs: 0 });
  if (derivation === null) throw new Error(`goal for ${goal.path}: the derivation is not at hand`);
  if (failedInputs > 0 && !goal.pool.options.fallback) endFailed(engine, goal);
  else if (wantsMore(goal)) readAgain(engine, goal);
  else if (failedInputs + missingInputs === 0) endFetched(engine, goal, derivation);
  else {
    // What a cache has only in part may be had in whole once the inputs are there. Once: a sibling never will be.
    if (incompleteInputs > 0 && goal.seekAgain === 'no') goal.seekAgain = 'wanted';
    buildOutputs(engine, goal, derivation);
  }
}

function endFailed(engine: Engine, goal: DerivationGoal): void {
  const message = messages.substitutesFailed(goal.path);
  fail(engine, goal, { status: 'transient-failure', message, decisive: true });
}

function endFetched(engine: Engine, goal: DerivationGoal, derivation: Derivation): void {
  acceptOutputs(engine, goal, { derivation, status: goal.pool.options.dryRun ? 'would-substitute' : 'substituted' });
}
