/**
 * The state machine of a substitution goal, whole: a store path that is to be fetched unless it is valid.
 *
 * validity-wanted:   the store was asked whether the path is valid
 * info-wanted:       the substitute agent was asked what there is
 * references-wanted: what it refers to has to be valid first
 * turn-wanted:       a goal with other options is about to fetch the same path
 * slot-wanted:       ready, in the queue
 * fetching:          the agent fetches, the store takes in
 * withdrawing:       nobody wants it any more, or it took too long, and something is still under way
 */
import type { Engine } from './engine.ts';
import * as fetching from './fetching.ts';
import type { SubstitutionGoal, SubstitutionState } from './goal.ts';
import type { GoalEvent, GoalEventOf } from './goal-event.ts';
import * as references from './references.ts';

type Action<T extends GoalEvent['type']> = (engine: Engine, goal: SubstitutionGoal, event: GoalEventOf<T>) => void;
type Table = { readonly [S in SubstitutionState]: { readonly [T in GoalEvent['type']]?: Action<T> } };

/** State × event → what follows. A pair that is not here is a bug. */
export const substitutionTable: Table = {
  'validity-wanted': {
    'path-checked': references.considerValidity,
    cancelled: references.drop,
  },
  'info-wanted': {
    'substitute-found': references.considerInfo,
    cancelled: references.drop,
  },
  'references-wanted': {
    'input-done': references.countReference,
    'cycle-found': references.endCycle,
    cancelled: references.drop,
  },
  'slot-wanted': {
    'slot-granted': fetching.start,
    cancelled: fetching.leaveQueue,
  },
  'turn-wanted': {
    'turn-granted': fetching.lookAgain,
    cancelled: references.drop,
  },
  fetching: {
    'fetch-event': fetching.passEvent,
    'fetch-ended': fetching.conclude,
    timer: fetching.watchTime,
    cancelled: fetching.withdraw,
  },
  withdrawing: {
    'fetch-event': ignore,
    'fetch-ended': fetching.endWithdrawn,
    timer: ignore,
    cancelled: ignore,
  },
  done: {},
};

/** What may come when its goal is already further: answers to a goal that nobody wants any more, timers. Not bugs. */
const late: ReadonlySet<GoalEvent['type']> = new Set([
  'path-checked',
  'substitute-found',
  'input-done',
  'turn-granted',
  'cycle-found',
  'request-gone',
  'timer',
  'cancelled',
]);

export function actOnSubstitutionGoal(engine: Engine, goal: SubstitutionGoal, event: GoalEvent): void {
  const action = substitutionTable[goal.state][event.type] as Action<typeof event.type> | undefined;
  if (action !== undefined) action(engine, goal, event);
  else if (!late.has(event.type)) throw new Error(`goal for ${goal.path}: \`${event.type}' in state \`${goal.state}'`);
}

function ignore(): void {
  // Said in the table: this event changes nothing in this state.
}
