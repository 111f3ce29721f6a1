/**
 * Goals: store items to be made valid, and what each waits for. A goal belongs to every request that needs it with the
 * same options. The arrows between goals (`inputs`, `waiters`) are kept so that the end of a goal costs no more than the
 * number of those that wait for it.
 */
import type {
  BuildMode,
  Job,
  OutputPath,
  RequestOptions,
  ResultStatus,
  SubstituteInfo,
  WaitReason,
} from '@cooper/contracts';
import type { Derivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import type { Failure } from './ending.ts';
import type { Purpose } from './event.ts';
import type { GoalPool } from './goal-pool.ts';
import type { FilePlan } from './job-files.ts';
import type { Redirections } from './redirection.ts';

export type GoalId = number;
export type RequestId = number;
export type AgentId = number;

/** The part of a request's options that changes what a build does: goals are shared between requests that agree on it. */
export interface BuildOptions
  extends Required<
    Pick<
      RequestOptions,
      'keepFailed' | 'cores' | 'limits' | 'sandbox' | 'sandboxPaths' | 'substitutes' | 'fallback' | 'offload'
    >
  > {
  readonly mode: BuildMode;
  /** The caches to ask; nil: those that the substitute agent was configured with. */
  readonly substituteUrls: readonly string[] | null;
  /** How often to build it, to see whether every time gives the same. */
  readonly rounds: number;
  readonly dryRun: boolean;
  /** Only for those who read along: no goal is apart for it. */
  readonly downloadTrace?: boolean;
  readonly client?: { readonly uid: number; readonly gid: number };
}

/**
 * How a goal ended, with two ends more than clients see. `would-substitute`: in a dry run, a cache has it.
 * `incomplete-closure`: a cache has it, but nobody has something that it refers to.
 */
export type GoalStatus = ResultStatus | 'would-substitute' | 'incomplete-closure';

export interface GoalResult {
  readonly status: GoalStatus;
  readonly message?: string;
  /** True when the message is what the request fails with, instead of a list of what could not be made. */
  readonly decisive?: boolean;
}

interface GoalFields {
  readonly id: GoalId;
  /** The item to make valid: of a derivation goal, the derivation. */
  readonly path: StorePath;
  /** The place among ready goals: substitutions first, then by name, as in the reference. */
  readonly order: string;
  /** The goals that it shares its options with. */
  readonly pool: GoalPool;
  readonly requests: Set<Request>;
  /** Goals that wait for this one. */
  readonly waiters: Set<Goal>;
  /** Goals that this one waits for. */
  readonly inputs: Set<Goal>;
  /** Goals that it has waited for: until it ends, it relies on what they made. */
  readonly endedInputs: Set<Goal>;
  failedInputs: number;
  /** Of the inputs that were to be fetched: those that no cache has, with all that they refer to. */
  missingInputs: number;
  /** Of those: how many a cache does have, but not all that they refer to. */
  incompleteInputs: number;
  /** When the goal came into its state, in ms since 1970. */
  since: number;
  waits: WaitReason | null;
  result: GoalResult | null;
}

export type DerivationState =
  | 'derivation-wanted'
  | 'contents-wanted'
  | 'failures-wanted'
  | 'derivation-missing'
  | 'outputs-wanted'
  | 'inputs-wanted'
  | 'closure-wanted'
  | 'closure-repairing'
  | 'slot-wanted'
  | 'preparing'
  | 'failures-reread'
  | 'graphs-wanted'
  | 'lock-wanted'
  | 'agent-wanted'
  | 'offered'
  | 'building'
  | 'registering'
  | 'withdrawing'
  | 'settling'
  | 'remembering'
  | 'abandoning'
  | 'done';

/** What the engine keeps of a derivation while its goal waits. The rest is read again when it is built. */
export interface Plan {
  readonly outputs: readonly OutputPath[];
  readonly fixedOutput: boolean;
  /** Of a fixed output, as the derivation has it, such as `r:sha256`; else empty. */
  readonly hashAlgorithm: string;
  /** True for what is built on this machine, even for those who want nothing built here. */
  readonly local: boolean;
}

/** A prepared build: the store's number for it, what is missing, and the job to offer. */
export interface Build {
  readonly number: number;
  readonly missing: readonly OutputPath[];
  readonly job: Job;
  /** Outputs that it has to make under another path. */
  readonly redirected: Redirections;
  /** How to make the job's files; nil once they are made. */
  readonly files: FilePlan | null;
}

/** Makes outputs of a derivation valid. */
export interface DerivationGoal extends GoalFields {
  readonly kind: 'derivation';
  state: DerivationState;
  /** Nil: all outputs. */
  wanted: Set<string> | null;
  plan: Plan | null;
  /** Kept while its outputs are sought: if they cannot be fetched, it says what building them needs. */
  derivation: Derivation | null;
  /** The outputs that are sought. */
  missing: readonly StorePath[];
  /** What was wanted when its outputs were sought. */
  sought: ReadonlySet<string> | null;
  /** Whether to seek the outputs again once the inputs are there: caches have some, but not all that they refer to. */
  seekAgain: 'no' | 'wanted' | 'done';
  build: Build | null;
  /** 1 for the first build. */
  round: number;
  /** Which slots it stands in line for, or has one of. */
  place: 'here' | 'elsewhere';
  /** The place in the list of agents of the one that is asked now. */
  asked: number;
  agent: string;
  agentId: AgentId;
  /** By which the agent knows the directory of a build that may fail after all. */
  held: number | null;
  /** How to fail once it is known where that directory is kept; nil: not at all. */
  failure: Failure | null;
  process: number | null;
  logFile: Uint8Array | null;
  startTime: number;
  /** How to end once the prepared build has been given up. */
  pending: GoalResult | null;
}

export type SubstitutionState =
  | 'validity-wanted'
  | 'info-wanted'
  | 'references-wanted'
  | 'slot-wanted'
  | 'turn-wanted'
  | 'fetching'
  | 'withdrawing'
  | 'done';

/** Makes a store path valid by fetching it: an output, something that a substitute refers to, a source, a plain target. */
export interface SubstitutionGoal extends GoalFields {
  readonly kind: 'substitution';
  state: SubstitutionState;
  /** Fetch it although it is valid, to replace what is there. */
  readonly repair: boolean;
  /** True for the second goal of a request for the same path: what could not be had before may be there now. */
  readonly again: boolean;
  /** What a cache offers; nil: nothing, undefined: nobody has been asked. Empty of its narinfo once it is not needed. */
  info: SubstituteInfo | null | undefined;
  /** It is fetched together with other small ones, and has its slot among theirs. */
  small: boolean;
  startTime: number;
  /** When the agent last said something. */
  heard: number;
  /** How to end once the agent and the store have let go of it. */
  pending: GoalResult | null;
}

export type Goal = DerivationGoal | SubstitutionGoal;

/** One target of a request and the goal that stands for it. */
export interface TargetGoal {
  readonly target: string;
  readonly outputs: readonly string[] | null;
  /** In a repair, that of the derivation once no cache has had the path. */
  goal: Goal;
}

/** What one client asked for. */
export interface Request {
  readonly id: RequestId;
  readonly targets: TargetGoal[];
  /** The goals of the targets. */
  readonly tops: Set<Goal>;
  readonly keepGoing: boolean;
  readonly purpose: Purpose;
  /** How many of its builds may run here at once; nil: as many as there are slots. */
  readonly maxJobs: number | null;
  readonly clientName: string;
  readonly uid: number | null;
  readonly since: number;
  /** Every goal that the request needs, for the counts and so that the end of the request can let go of them. */
  readonly goals: Set<Goal>;
  /** Goals of targets that have not ended. */
  open: number;
  done: number;
}

/** An output that the derivation does not have is nobody's to build: as in the reference, it is not missed. */
export function wantedOutputs({ plan, wanted }: DerivationGoal): readonly OutputPath[] {
  return (plan?.outputs ?? []).filter(({ name }) => wanted === null || wanted.has(name));
}

/** Outputs that another waiter wants have come in since these were sought. */
export function wantsMore({ wanted, sought }: DerivationGoal): boolean {
  if (sought === null) return false;
  return wanted === null || [...wanted].some((name) => !sought.has(name));
}

/** True for the ends after which the item is valid. */
export function succeeded(result: GoalResult): boolean {
  return result.status === 'built' || result.status === 'substituted' || result.status === 'already-valid';
}
