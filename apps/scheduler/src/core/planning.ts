/** The first half of a derivation goal's life: what is missing, and what that needs. */

import { type Derivation, derivationReferences, isFixedOutput, parseDerivation } from '@cooper/derivation';
import { isFault } from '@cooper/fault';
import { fail } from './ending.ts';
import type { Engine } from './engine.ts';
import type { DerivationGoal, Goal } from './goal.ts';
import type { GoalEventOf } from './goal-event.ts';
import { derivationGoal, substitutionGoal } from './goal-maker.ts';
import { messages } from './messages.ts';

/** The derivation has been read: nothing to do if the wanted outputs are valid, else its inputs are needed. */
export function considerOutputs(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'derivation-read'>): void {
  const { contents, validOutputs } = event.read;
  if (contents === null) {
    fail(engine, goal, { status: 'misc-failure', message: messages.missingDerivation(goal.path) });
    return;
  }
  const derivation = parse(engine, goal, contents);
  if (derivation === undefined) return;
  goal.plan = {
    outputs: Array.from(derivation.outputs, ([name, { path }]) => ({ name, path })),
    fixedOutput: isFixedOutput(derivation),
  };
  engine.lease([goal.path, ...goal.plan.outputs.map((output) => output.path)]);
  if (isSatisfied(goal, validOutputs)) engine.end(goal, { status: 'already-valid' });
  else wantInputs(engine, goal, derivation);
}

function parse(engine: Engine, goal: DerivationGoal, contents: Uint8Array): Derivation | undefined {
  try {
    return parseDerivation(contents, { storeDir: engine.settings.storeDir, path: goal.path });
  } catch (error) {
    if (!isFault(error)) throw error;
    fail(engine, goal, { status: 'input-rejected', message: error.message });
    return undefined;
  }
}

/** An output that the derivation does not have is nobody's to build: as in the reference, it is not missed. */
function isSatisfied(goal: DerivationGoal, validOutputs: readonly string[]): boolean {
  const valid = new Set(validOutputs);
  const outputs = goal.plan?.outputs ?? [];
  return outputs.every(({ name }) => valid.has(name) || (goal.wanted !== null && !goal.wanted.has(name)));
}

function wantInputs(engine: Engine, goal: DerivationGoal, derivation: Derivation): void {
  goal.state = 'inputs-wanted';
  goal.since = engine.now;
  const sources = new Set(derivation.inputSources);
  for (const [path, outputs] of derivation.inputDerivations) {
    addInput(goal, derivationGoal(engine, { path, outputs, pool: goal.pool, requests: goal.requests }));
  }
  for (const path of derivationReferences(derivation)) {
    if (sources.has(path)) addInput(goal, substitutionGoal(engine, { path, pool: goal.pool, requests: goal.requests }));
  }
  engine.announce(goal);
  proceedOrWait(engine, goal);
}

function addInput(goal: DerivationGoal, input: Goal): void {
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

function noteInput(goal: DerivationGoal, input: Goal): void {
  if (input.result !== null && !isUsable(input)) goal.failedInputs++;
}

/** A dry run takes what would be built for built. */
function isUsable(input: Goal): boolean {
  const status = input.result?.status;
  return status === 'built' || status === 'substituted' || status === 'already-valid' || status === 'would-build';
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
  } else if (goal.pool.options.dryRun) {
    engine.end(goal, { status: 'would-build' });
  } else {
    wantSlot(engine, goal);
  }
}

function keepsGoing(goal: Goal): boolean {
  for (const request of goal.requests) if (request.keepGoing) return true;
  return false;
}

/** Everything is there but a slot. */
export function wantSlot(engine: Engine, goal: DerivationGoal): void {
  engine.waitingForAgent.delete(goal);
  if (engine.slots.max === 0) {
    fail(engine, goal, { status: 'misc-failure', message: messages.noSlots });
    return;
  }
  goal.state = 'slot-wanted';
  goal.since = engine.now;
  goal.waits = { for: 'slot', kind: 'build' };
  engine.slots.want(goal);
}
