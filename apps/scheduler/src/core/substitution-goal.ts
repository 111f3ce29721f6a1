/** The state machine of a substitution goal: a path that is no output of a known derivation. */
import type { Engine } from './engine.ts';
import type { SubstitutionGoal, SubstitutionState } from './goal.ts';
import type { GoalEvent, GoalEventOf } from './goal-event.ts';
import { messages } from './messages.ts';

type Action<T extends GoalEvent['type']> = (engine: Engine, goal: SubstitutionGoal, event: GoalEventOf<T>) => void;
type Table = { readonly [S in SubstitutionState]: { readonly [T in GoalEvent['type']]?: Action<T> } };

/** State × event → what follows. A pair that is not here is a bug. */
export const substitutionTable: Table = {
  'validity-wanted': { 'path-checked': judge, cancelled: drop },
  // An answer of the store may come when nobody waits for it any more.
  done: { 'path-checked': ignore },
};

export function actOnSubstitutionGoal(engine: Engine, goal: SubstitutionGoal, event: GoalEvent): void {
  const action = substitutionTable[goal.state][event.type] as Action<typeof event.type> | undefined;
  if (action === undefined) throw new Error(`goal for ${goal.path}: \`${event.type}' in state \`${goal.state}'`);
  action(engine, goal, event);
}

function judge(engine: Engine, goal: SubstitutionGoal, event: GoalEventOf<'path-checked'>): void {
  if (event.valid) engine.end(goal, { status: 'already-valid' });
  else engine.end(goal, { status: 'no-substituters', message: messages.noSubstitute(goal.path) });
}

function drop(engine: Engine, goal: SubstitutionGoal): void {
  engine.end(goal, { status: 'cancelled' });
}

function ignore(): void {
  // Said in the table: this event changes nothing in this state.
}
