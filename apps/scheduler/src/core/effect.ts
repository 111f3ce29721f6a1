/** What the engine wants done. Effects are data, carried out by shell/, and answered by events. */
import type { BuildMode, Job, SchedulerEvent, SubstituteInfo, TargetResult } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { AgentId, GoalId, RequestId } from './goal.ts';
import type { GraphWish } from './references-graph.ts';

/** What is to be fetched, and how many bytes that is, compressed and unpacked. */
export interface PlannedSubstitute {
  readonly path: StorePath;
  readonly downloadSize: number;
  readonly narSize: number;
}

/** The end of a request, as its client gets it. */
export interface RequestResult {
  readonly results: readonly TargetResult[];
  /** 0, or the reference's 1, 100 (a build failed), 101 (a limit was reached). */
  readonly exitStatus: number;
  readonly message?: string;
  /** What a dry run found. */
  readonly plan: {
    readonly build: readonly StorePath[];
    readonly substitute: readonly PlannedSubstitute[];
    readonly valid: readonly StorePath[];
    readonly unknown: readonly StorePath[];
  };
}

export type Effect =
  /** Answered by `derivations-read`; one effect may name thousands. */
  | { readonly type: 'read-derivations'; readonly paths: readonly StorePath[] }
  /** Answered by `paths-checked`. */
  | { readonly type: 'check-paths'; readonly paths: readonly StorePath[] }
  /** Answered by `substitutes-found`, once or in parts. `urls` nil: the agent's own caches. */
  | {
      readonly type: 'query-substitutes';
      readonly query: number;
      readonly paths: readonly StorePath[];
      readonly urls: readonly string[] | null;
    }
  /** Answered by `fetch-event`s, then `fetch-ended`. */
  | {
      readonly type: 'fetch';
      readonly goal: GoalId;
      readonly info: SubstituteInfo;
      readonly urls: readonly string[] | null;
      readonly repair: boolean;
      /** Together with others. */
      readonly small: boolean;
    }
  /** Hastens the answer to `fetch`; not answered itself. */
  | { readonly type: 'cancel-fetch'; readonly goal: GoalId }
  /** Not answered. */
  | { readonly type: 'add-leases'; readonly request: RequestId; readonly paths: readonly StorePath[] }
  /** Answered by `contents-checked` or `store-refused`. */
  | { readonly type: 'check-contents'; readonly goal: GoalId; readonly paths: readonly StorePath[] }
  /** Answered by `closure-inspected` or `store-refused`: what is broken among all that these outputs refer to. */
  | {
      readonly type: 'inspect-closure';
      readonly goal: GoalId;
      readonly derivation: StorePath;
      readonly outputs: readonly StorePath[];
      /** These have been looked at. */
      readonly checked: readonly StorePath[];
    }
  /** Answered by `deriver-found`. */
  | { readonly type: 'find-deriver'; readonly request: RequestId; readonly path: StorePath }
  /** Answered by `failures-read` for all these goals. */
  | { readonly type: 'query-failures'; readonly goals: readonly GoalId[]; readonly paths: readonly StorePath[] }
  /** Answered by `remembered` or `store-refused`. */
  | {
      readonly type: 'add-failures';
      readonly goal: GoalId;
      readonly paths: readonly StorePath[];
      readonly cause: string;
    }
  /** Answered by `preparation` or `store-refused`. */
  | {
      readonly type: 'prepare-build';
      readonly goal: GoalId;
      readonly derivation: StorePath;
      readonly mode: BuildMode;
      readonly inPlace: boolean;
    }
  /** Answered by `graphs-read` or `store-refused`: the closures of these paths, with the outputs of derivations in them. */
  | { readonly type: 'read-graphs'; readonly goal: GoalId; readonly graphs: readonly GraphWish[] }
  /** Answered by `build-event`s, then `offer-ended` or `agent-lost`. */
  | { readonly type: 'offer'; readonly goal: GoalId; readonly agent: AgentId; readonly job: Job }
  /** Hastens the answer to `offer`; not answered itself. */
  | { readonly type: 'cancel-offer'; readonly goal: GoalId }
  /** Answered by `settled`. */
  | {
      readonly type: 'settle-build';
      readonly goal: GoalId;
      readonly agent: AgentId;
      readonly held: number;
      readonly failed: boolean;
    }
  /** Answered by `registration` or `store-refused`. */
  | {
      readonly type: 'register-outputs';
      readonly goal: GoalId;
      readonly build: number;
      readonly root?: Uint8Array;
      readonly storeDirectory?: Uint8Array;
      readonly owner?: number;
      readonly moreRounds?: boolean;
      readonly keepDiffering?: boolean;
    }
  /** Answered by `abandoned` or `store-refused`. */
  | { readonly type: 'abandon-build'; readonly goal: GoalId; readonly build: number }
  /** Answered by `timer` after `delay` milliseconds. */
  | { readonly type: 'set-timer'; readonly goal: GoalId; readonly delay: number }
  | { readonly type: 'emit'; readonly requests: readonly RequestId[]; readonly event: SchedulerEvent }
  | { readonly type: 'finish'; readonly request: RequestId; readonly result: RequestResult };
