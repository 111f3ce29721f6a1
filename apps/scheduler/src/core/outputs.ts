/** What follows once it is known whether the outputs that are wanted are there. That depends on the mode of the request. */
import type { Derivation } from '@cooper/derivation';
import { fail } from './ending.ts';
import type { Engine } from './engine.ts';
import type { DerivationGoal, GoalStatus } from './goal.ts';
import { wantInputs } from './inputs.ts';
import { messages } from './messages.ts';
import { inspectClosure } from './repairing.ts';

/** All are there: the goal ends with `status`, unless they have to be made once more, or their closure looked at. */
export function acceptOutputs(
  engine: Engine,
  goal: DerivationGoal,
  { derivation, status }: { readonly derivation: Derivation; readonly status: GoalStatus },
): void {
  const { mode } = goal.pool.options;
  if (mode === 'check') wantInputs(engine, goal, derivation);
  else if (mode === 'repair') inspectClosure(engine, goal, status);
  else engine.end(goal, { status });
}

/** Some are not there, and no cache has them: they have to be built. Only what is there can be checked. */
export function buildOutputs(engine: Engine, goal: DerivationGoal, derivation: Derivation): void {
  if (goal.pool.options.mode !== 'check') wantInputs(engine, goal, derivation);
  else fail(engine, goal, { status: 'misc-failure', message: messages.checkMissing(goal.path), decisive: true });
}
