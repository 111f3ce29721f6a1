/** What happens to one goal: the words on the other side of the goal tables. */
import type {
  BuildEvent,
  Outcome,
  Preparation,
  Registration,
  SubstituteEvent,
  SubstituteInfo,
} from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { BrokenItem, FetchEnd, ReadDerivation, ReadGraph } from './event.ts';
import type { Goal } from './goal.ts';

type PreparationOf<S extends Preparation['status']> = Extract<Preparation, { status: S }>;
type OutcomeOf<S extends Outcome['status']> = Extract<Outcome, { status: S }>;

/** How a job ended that was not turned down. */
export type BuildEnd = Exclude<Outcome, { status: 'declined' | 'postponed' }>;

export type GoalEvent =
  | { readonly type: 'derivation-read'; readonly read: ReadDerivation }
  | { readonly type: 'path-checked'; readonly valid: boolean }
  | { readonly type: 'substitute-found'; readonly info: SubstituteInfo | null; readonly together: boolean }
  | { readonly type: 'contents-checked'; readonly corrupt: ReadonlySet<StorePath> }
  | { readonly type: 'closure-inspected'; readonly broken: readonly BrokenItem[] }
  | { readonly type: 'failures-read'; readonly failed: ReadonlySet<StorePath> }
  | { readonly type: 'input-done'; readonly input: Goal }
  | { readonly type: 'slot-granted' }
  | { readonly type: 'prepared'; readonly preparation: PreparationOf<'prepared'> }
  | { readonly type: 'outputs-valid' }
  | { readonly type: 'graphs-read'; readonly graphs: readonly ReadGraph[] }
  | { readonly type: 'output-locked'; readonly preparation: PreparationOf<'locked'> }
  | { readonly type: 'input-missing'; readonly preparation: PreparationOf<'missing-input'> }
  | { readonly type: 'build-started'; readonly event: Extract<BuildEvent, { event: 'started' }> }
  | { readonly type: 'build-log'; readonly data: Uint8Array }
  | { readonly type: 'agent-remark'; readonly data: Uint8Array }
  | { readonly type: 'declined'; readonly outcome: OutcomeOf<'declined'> }
  | { readonly type: 'postponed'; readonly outcome: OutcomeOf<'postponed'> }
  | { readonly type: 'build-ended'; readonly end: BuildEnd }
  | { readonly type: 'agent-lost'; readonly message: string }
  | { readonly type: 'agent-refused'; readonly message: string }
  | { readonly type: 'agents-changed' }
  | { readonly type: 'turn-granted' }
  /** It waits for itself, by way of others. */
  | { readonly type: 'cycle-found' }
  /** A request does not want it any more; others do. */
  | { readonly type: 'request-gone' }
  | { readonly type: 'fetch-event'; readonly event: SubstituteEvent }
  | { readonly type: 'fetch-ended'; readonly end: FetchEnd }
  | { readonly type: 'registered' }
  | { readonly type: 'same' }
  | { readonly type: 'round-done' }
  | { readonly type: 'rejected'; readonly rejection: Extract<Registration, { status: 'rejected' }> }
  | { readonly type: 'settled'; readonly keptDirectory: Uint8Array | null }
  | { readonly type: 'remembered' }
  | { readonly type: 'abandoned' }
  | { readonly type: 'store-refused'; readonly code: string; readonly message: string }
  | { readonly type: 'timer' }
  | { readonly type: 'cancelled' };

export type GoalEventOf<T extends GoalEvent['type']> = Extract<GoalEvent, { type: T }>;
