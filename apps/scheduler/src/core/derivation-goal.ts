/**
 * The state machine of a derivation goal, whole: what may happen in which state, and what is done then.
 *
 * derivation-wanted: its bytes and the validity of its outputs were asked of the store
 * contents-wanted:   mode repair: outputs are valid, and the store looks whether they are what was registered
 * failures-wanted:   outputs are missing; the store was asked whether their builds have failed before
 * derivation-missing: it is not valid, but a cache may have it
 * outputs-wanted:    an output is missing, but a cache may have it
 * closure-wanted:    mode repair: the outputs are good, and the store looks at all that they refer to
 * closure-repairing: what is broken there has to be repaired first
 * inputs-wanted:     an output is missing, and inputs have to be made valid first
 * slot-wanted:       ready, in the queue
 * preparing:         has a slot; the store locks the outputs and makes the staging directory
 * failures-reread:   the outputs are locked; it was asked once more, since that took its time
 * graphs-wanted:     the build wants files that describe closures (`exportReferencesGraph`)
 * lock-wanted:       another program, or another goal, holds the lock of an output
 * offered:           an agent considers the job
 * agent-wanted:      no agent takes it now
 * building:          an agent builds
 * registering:       the store judges and registers the outputs
 * settling:          the outputs were judged; the agent keeps the directory of the build for people, or removes it
 * remembering:       the store notes that the build has failed for good
 * withdrawing:       nobody wants it any more, and something is still under way
 * abandoning:        the store gives up the prepared build
 */
import * as building from './building.ts';
import * as ending from './ending.ts';
import type { Engine } from './engine.ts';
import type { DerivationGoal, DerivationState } from './goal.ts';
import type { GoalEvent, GoalEventOf } from './goal-event.ts';
import * as inputs from './inputs.ts';
import * as places from './places.ts';
import * as planning from './planning.ts';
import * as registering from './registering.ts';
import * as repairing from './repairing.ts';
import * as substituting from './substituting.ts';

type Action<T extends GoalEvent['type']> = (engine: Engine, goal: DerivationGoal, event: GoalEventOf<T>) => void;
type Table = { readonly [S in DerivationState]: { readonly [T in GoalEvent['type']]?: Action<T> } };

/** State × event → what follows. A pair that is not here is a bug. */
export const derivationTable: Table = {
  'derivation-wanted': {
    'derivation-read': planning.considerOutputs,
    cancelled: ending.drop,
  },
  'contents-wanted': {
    'contents-checked': planning.considerContents,
    'store-refused': ending.endRefused,
    cancelled: ending.drop,
  },
  'failures-wanted': {
    'failures-read': planning.considerFailures,
    cancelled: ending.drop,
  },
  'derivation-missing': {
    'input-done': substituting.readFetched,
    cancelled: ending.drop,
  },
  'outputs-wanted': {
    'input-done': substituting.countOutput,
    cancelled: ending.drop,
  },
  'closure-wanted': {
    'closure-inspected': repairing.considerClosure,
    'store-refused': ending.endRefused,
    cancelled: ending.drop,
  },
  'closure-repairing': {
    'input-done': repairing.countRepaired,
    cancelled: ending.drop,
  },
  'inputs-wanted': {
    'input-done': inputs.countInput,
    cancelled: ending.drop,
  },
  'slot-wanted': {
    'slot-granted': building.prepare,
    'request-gone': places.reconsiderSlot,
    cancelled: ending.giveUp,
  },
  preparing: {
    prepared: building.keepPreparation,
    'outputs-valid': ending.endValid,
    'output-locked': building.waitForLock,
    'input-missing': ending.endMissingInput,
    'store-refused': ending.endRefused,
    cancelled: building.withdraw,
  },
  'failures-reread': {
    'failures-read': building.considerFailures,
    cancelled: ending.giveUp,
  },
  'graphs-wanted': {
    'graphs-read': building.keepGraphs,
    'store-refused': ending.endRefused,
    cancelled: building.withdraw,
  },
  'lock-wanted': {
    timer: places.wantSlot,
    cancelled: ending.drop,
  },
  offered: {
    'agent-remark': building.passRemark,
    'build-started': building.start,
    declined: building.offerToNext,
    postponed: building.waitForAgent,
    'build-ended': building.concludeBuild,
    'agent-lost': ending.endLost,
    'agent-refused': ending.endImpossible,
    cancelled: building.cancelOffer,
  },
  'agent-wanted': {
    timer: places.wantSlot,
    'agents-changed': places.wantSlot,
    cancelled: ending.giveUp,
  },
  building: {
    'build-log': building.passLog,
    'agent-remark': building.passRemark,
    // Nothing has come of the attempt, which says nothing about the derivation.
    declined: building.offerToNext,
    postponed: building.waitForAgent,
    'build-ended': building.concludeBuild,
    'agent-lost': ending.endLost,
    'agent-refused': ending.endImpossible,
    cancelled: building.cancelOffer,
  },
  registering: {
    registered: registering.endBuilt,
    same: registering.endSame,
    'round-done': registering.buildAgain,
    rejected: registering.endRejected,
    'store-refused': registering.endRefused,
    // What is built is worth registering, wanted or not.
    cancelled: ignore,
  },
  withdrawing: {
    'build-started': ignore,
    'build-log': ignore,
    'agent-remark': ignore,
    prepared: ending.giveUpPrepared,
    'graphs-read': ending.giveUp,
    'outputs-valid': ending.drop,
    'output-locked': ending.drop,
    'input-missing': ending.drop,
    'store-refused': ending.drop,
    declined: ending.giveUp,
    postponed: ending.giveUp,
    'build-ended': building.dropBuild,
    'agent-lost': ending.giveUp,
    'agent-refused': ending.giveUp,
  },
  settling: {
    settled: registering.endSettled,
    cancelled: ignore,
  },
  remembering: {
    remembered: ending.endRemembered,
    'store-refused': ending.endRemembered,
    cancelled: ignore,
  },
  abandoning: {
    abandoned: ending.endPending,
    'store-refused': ending.endPending,
    cancelled: ignore,
  },
  done: {},
};

/** What may come when its goal is already further: timers set earlier, word from inputs after one failed. Not bugs. */
const late: ReadonlySet<GoalEvent['type']> = new Set([
  'timer',
  'agents-changed',
  'input-done',
  'derivation-read',
  'request-gone',
  'failures-read',
  'settled',
]);

export function actOnDerivationGoal(engine: Engine, goal: DerivationGoal, event: GoalEvent): void {
  const action = derivationTable[goal.state][event.type] as Action<typeof event.type> | undefined;
  if (action !== undefined) action(engine, goal, event);
  else if (!late.has(event.type)) throw new Error(`goal for ${goal.path}: \`${event.type}' in state \`${goal.state}'`);
}

function ignore(): void {
  // Said in the table: this event changes nothing in this state.
}
