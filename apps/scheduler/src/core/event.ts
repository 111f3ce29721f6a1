/** What happens to the engine: requests of clients, replies of the store, word from agents, timers. All of it is data. */
import type {
  BuildEvent,
  BuildMode,
  Outcome,
  PathInfo,
  Preparation,
  Registration,
  RequestOptions,
  SubstituteEvent,
  SubstituteInfo,
} from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { AgentId, GoalId, RequestId } from './goal.ts';
import type { GraphNode, GraphWish } from './references-graph.ts';

/** What the store holds at the path of a derivation. */
export interface ReadDerivation {
  readonly path: StorePath;
  /** Nil: the path is not valid. */
  readonly contents: Uint8Array | null;
  readonly validOutputs: readonly string[];
}

/** The closure that a build wants described, or nil when its root is not valid. */
export interface ReadGraph extends GraphWish {
  readonly nodes: readonly GraphNode[] | null;
}

/**
 * How a fetch ended, by the word of both, the agent and the store. `status` of a failure is the agent's (`not-found`,
 * `hash-mismatch` …) or the code with which the store refused.
 */
export type FetchEnd =
  | { readonly status: 'registered'; readonly info: PathInfo }
  | { readonly status: 'cancelled' }
  | {
      readonly status: 'failed';
      readonly code: string;
      readonly message: string;
      readonly expected?: string;
      readonly actual?: string;
      /** Another cache may have the right archive. */
      readonly elsewhere?: boolean;
    };

/** A build agent that is connected, in the order in which agents are asked. */
export interface Agent {
  readonly id: AgentId;
  readonly name: string;
  /** It builds on the machine of the scheduler. */
  readonly isLocal: boolean;
}

/** What targets are asked for: to make them valid, to find out what that takes, or to fetch them and never build. */
export type Purpose = 'realise' | 'plan' | 'ensure' | 'repair';

/** Something corrupt or missing in a closure, and the derivation that made it, if any is known. */
export interface BrokenItem {
  readonly path: StorePath;
  readonly deriver: StorePath | null;
}

/** An event; `now` is the time at which it happened, in milliseconds since 1970. */
export type Event = { readonly now: number } & (
  | {
      readonly type: 'realise';
      readonly request: RequestId;
      readonly targets: readonly string[];
      readonly mode: BuildMode;
      readonly options: RequestOptions;
      readonly purpose: Purpose;
    }
  | { readonly type: 'cancel'; readonly request: RequestId }
  | { readonly type: 'derivations-read'; readonly derivations: readonly ReadDerivation[] }
  | { readonly type: 'paths-checked'; readonly asked: readonly StorePath[]; readonly valid: readonly StorePath[] }
  /** The answer to some of the paths of a query; nil for those that no cache has. */
  | {
      readonly type: 'substitutes-found';
      readonly query: number;
      readonly asked: readonly StorePath[];
      readonly infos: readonly (SubstituteInfo | null)[];
      /** Whether the agent fetches small archives many together. */
      readonly together?: boolean;
    }
  /** Something that those who wait for a query should know. */
  | { readonly type: 'query-warning'; readonly query: number; readonly message: string }
  | { readonly type: 'fetch-event'; readonly goal: GoalId; readonly event: SubstituteEvent }
  | { readonly type: 'fetch-ended'; readonly goal: GoalId; readonly end: FetchEnd }
  /** Which of the outputs that a goal asked about are not what was registered. */
  | { readonly type: 'contents-checked'; readonly goal: GoalId; readonly corrupt: readonly StorePath[] }
  | { readonly type: 'closure-inspected'; readonly goal: GoalId; readonly broken: readonly BrokenItem[] }
  /** The derivation that made an item, if it is known and valid. */
  | {
      readonly type: 'deriver-found';
      readonly request: RequestId;
      readonly path: StorePath;
      readonly deriver: StorePath | null;
    }
  /** Which of the paths that these goals asked about are outputs of builds that have failed. */
  | { readonly type: 'failures-read'; readonly goals: readonly GoalId[]; readonly failed: readonly StorePath[] }
  | { readonly type: 'preparation'; readonly goal: GoalId; readonly preparation: Preparation }
  | { readonly type: 'graphs-read'; readonly goal: GoalId; readonly graphs: readonly ReadGraph[] }
  | { readonly type: 'build-event'; readonly goal: GoalId; readonly event: BuildEvent }
  | { readonly type: 'offer-ended'; readonly goal: GoalId; readonly outcome: Outcome }
  | { readonly type: 'agent-lost'; readonly goal: GoalId; readonly message: string }
  /** An agent could not even try, for want of a sandbox or of space: a fault, not an outcome. */
  | { readonly type: 'agent-refused'; readonly goal: GoalId; readonly message: string }
  | { readonly type: 'registration'; readonly goal: GoalId; readonly registration: Registration }
  /** What the agent has kept of a build that has failed after all. */
  | { readonly type: 'settled'; readonly goal: GoalId; readonly keptDirectory: Uint8Array | null }
  | { readonly type: 'remembered'; readonly goal: GoalId }
  | { readonly type: 'abandoned'; readonly goal: GoalId }
  /** The store refused what an effect asked for this goal: a fault, not an outcome. */
  | { readonly type: 'store-refused'; readonly goal: GoalId; readonly code: string; readonly message: string }
  | { readonly type: 'timer'; readonly goal: GoalId }
  | { readonly type: 'agents-changed'; readonly agents: readonly Agent[] }
);

export type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;
