/** What a trace has declared, and what has happened so far. */
import type { SubstituteInfo } from '@cooper/contracts';
import type { Engine, EngineSettings, GoalWatcher } from '../src/core/engine.ts';
import type { Event } from '../src/core/event.ts';
import type { GoalId, RequestId } from '../src/core/goal.ts';

export interface World {
  readonly derivations: Map<string, Uint8Array>;
  /** What caches have, by name. */
  readonly substitutes: Map<string, SubstituteInfo>;
  readonly goals: Map<GoalId, { readonly name: string; readonly requests: Set<RequestId> }>;
  readonly settings: EngineSettings;
  engine: Engine | undefined;
  readonly watch: GoalWatcher | undefined;
  now: number;
}

/** An event without its time. */
export type Unstamped<E> = E extends Event ? Omit<E, 'now'> : never;

export function refuse(message: string): never {
  throw new Error(`trace: ${message}`);
}
