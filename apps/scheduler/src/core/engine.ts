/**
 * The engine: every goal and request there is, and the one function that changes them. `step` takes an event and gives
 * the effects that follow; it knows no clock, no promise and no I/O, so that a run can be written down and replayed.
 *
 * Goals act on each other only through `post`, whose queue is worked off before `step` returns: the depth of a graph is
 * never the depth of the stack. What goals want of the store is gathered meanwhile, so that one level of a graph makes
 * one effect however wide it is.
 */
import type { SchedulerEvent } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import { Announcements } from './announcements.ts';
import { goalsInCycles } from './cycles.ts';
import { actOnDerivationGoal } from './derivation-goal.ts';
import { Downloads } from './downloads.ts';
import type { Effect } from './effect.ts';
import type { Agent, Event, EventOf } from './event.ts';
import type { DerivationGoal, Goal, GoalId, GoalResult, Request, RequestId, SubstitutionGoal } from './goal.ts';
import type { GoalEvent } from './goal-event.ts';
import { GoalPools } from './goal-pool.ts';
import { messages } from './messages.ts';
import { goalEnded, realise, rebuild, withdraw } from './request.ts';
import { Slots } from './slots.ts';
import { StoreQuestions } from './store-questions.ts';
import { SubstituteQueries } from './substitute-queries.ts';
import { actOnSubstitutionGoal } from './substitution-goal.ts';
import { toGoalEvents } from './translation.ts';

/** How the scheduler was configured. */
export interface EngineSettings {
  readonly storeDir: string;
  /** The system of this machine, such as `x86_64-linux`. */
  readonly system: string;
  readonly maxJobs: number;
  /** How many items may be fetched at once. */
  readonly maxSubstitutions: number;
  /** Whether anything may be fetched at all. */
  readonly substitutes: boolean;
  readonly cores: number;
  readonly limits: { readonly timeout: number; readonly maxSilentTime: number; readonly maxLogSize: number };
  readonly sandbox: boolean;
  /** Whether a build that has failed for good is remembered, and not tried again. */
  readonly cacheFailures: boolean;
  readonly sandboxPaths: readonly { readonly target: Uint8Array; readonly source: Uint8Array }[];
  readonly impersonateLinux26: boolean;
  /** How logs are kept; nil: not at all. */
  readonly log: 'none' | 'gzip' | 'bzip2' | 'zstd' | null;
  /** The environment from which `impureEnvVars` of fixed-output derivations are taken. */
  readonly impureEnvironment: ReadonlyMap<string, string>;
  /** How often, in ms, a lock that another program holds is asked for again. */
  readonly lockInterval: number;
}

/** Sees everything that happens to goals, before it does. */
export type GoalWatcher = (goal: Goal, event: GoalEvent) => void;

/** How long, in ms, agents may take to dial in when everything is started. */
const startTime = 10_000;

/** How many builds are prepared at once for other machines to take. */
const maxOffers = 100;

export class Engine {
  readonly settings: EngineSettings;
  readonly watch: GoalWatcher;
  /** Builds on this machine. */
  readonly slots: Slots<DerivationGoal>;
  /** Builds that are prepared for other machines, and that nobody has taken yet. */
  readonly offers: Slots<DerivationGoal>;
  readonly downloads: Downloads;
  readonly questions = new StoreQuestions();
  readonly announcements = new Announcements();
  readonly queries = new SubstituteQueries();
  /** The paths that goals are about to fetch, and the other goals that wait for the end of that. */
  readonly fetches = new Map<StorePath, Set<SubstitutionGoal>>();
  readonly requests = new Map<RequestId, Request>();
  readonly pools = new GoalPools();
  readonly goals = new Map<GoalId, Goal>();
  /** Goals that wait until a derivation is no longer being built, by its path. */
  readonly blocked = new Map<StorePath, Set<Goal>>();
  readonly waitingForAgent = new Set<Goal>();
  /** Goals that have begun to wait for others in this step, and may be waiting for themselves. */
  newWaiters: Goal[] = [];
  agents: readonly Agent[] = [];
  now = 0;
  #startTime: number | undefined;
  #lastGoal = 0;
  #effects: Effect[] = [];
  #unwanted: Goal[] = [];
  #posted: { readonly goal: Goal; readonly event: GoalEvent }[] = [];

  constructor(settings: EngineSettings, watch: GoalWatcher = () => undefined) {
    this.settings = settings;
    this.watch = watch;
    this.slots = new Slots(settings.maxJobs, {
      maxOf: (request) => request.maxJobs,
      isFor: ({ place }) => place === 'here',
    });
    this.offers = new Slots(maxOffers, { isFor: ({ place }) => place === 'elsewhere' });
    this.downloads = new Downloads(settings.maxSubstitutions);
  }

  /** Whether agents may still be on their way. */
  get isStarting(): boolean {
    return this.now - (this.#startTime ?? this.now) < startTime;
  }

  /** Sets the time. */
  begin(now: number): void {
    this.now = now;
    this.#startTime ??= now;
  }

  nextGoalId(): GoalId {
    return ++this.#lastGoal;
  }

  /** Lets `event` happen to `goal` before this step ends. */
  post(goal: Goal, event: GoalEvent): void {
    this.#posted.push({ goal, event });
  }

  /** Nobody wants `goal` any more. It hears of that before all else: what it began now would be nobody's. */
  cancel(goal: Goal): void {
    this.#unwanted.push(goal);
  }

  perform(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Tells every request that needs `goal`. */
  emit(goal: Goal, event: SchedulerEvent): void {
    if (goal.requests.size === 0) return;
    this.perform({ type: 'emit', requests: Array.from(goal.requests, (request) => request.id), event });
  }

  /** Takes back what place `goal` has, if it has one. */
  releaseSlot(goal: DerivationGoal): void {
    this.slots.release(goal);
    this.offers.release(goal);
  }

  /** Lets `goal`, if it wants a slot, stand in line for `requests`. */
  lineUp(goal: Goal, requests: Iterable<Request> = goal.requests): void {
    if (goal.state !== 'slot-wanted') return;
    if (goal.kind === 'substitution') this.downloads.want(goal, requests);
    else if (goal.place === 'here') this.slots.want(goal, requests);
    else this.offers.want(goal, requests);
  }

  /** Ends `goal`: those that wait for it and the requests that want it hear of it. */
  end(goal: Goal, result: GoalResult): void {
    goal.state = 'done';
    goal.result = result;
    goal.waits = null;
    goal.since = this.now;
    this.goals.delete(goal.id);
    for (const waiter of goal.waiters) {
      waiter.endedInputs.add(goal);
      this.post(waiter, { type: 'input-done', input: goal });
    }
    goal.waiters.clear();
    goal.endedInputs.clear();
    for (const request of goal.requests) goalEnded(this, request, goal);
  }

  /** Works off what was posted, then gives out free slots, until nothing moves. */
  settle(): readonly Effect[] {
    do this.#workOff();
    while (this.#breakCycles() || this.#grantSlot());
    const effects = [...this.#gathered(), ...this.#effects];
    this.#effects = [];
    return effects;
  }

  #workOff(): void {
    // The queue grows while it is read; the iterator of an array sees what is pushed.
    this.#tellUnwanted();
    for (const { goal, event } of this.#posted) {
      act(this, goal, event);
      this.#tellUnwanted();
    }
    this.#posted = [];
  }

  #tellUnwanted(): void {
    for (const goal of this.#unwanted) act(this, goal, { type: 'cancelled' });
    this.#unwanted = [];
  }

  #breakCycles(): boolean {
    const cyclic = this.newWaiters.length === 0 ? new Set<Goal>() : goalsInCycles(this.newWaiters);
    this.newWaiters = [];
    for (const goal of cyclic) this.post(goal, { type: 'cycle-found' });
    return cyclic.size > 0;
  }

  #grantSlot(): boolean {
    const goal = this.downloads.grant() ?? this.offers.grant() ?? this.slots.grant();
    if (goal !== undefined) this.post(goal, { type: 'slot-granted' });
    return goal !== undefined;
  }

  /** What was gathered in this step. It comes before what was wanted at once: leases before anything that relies on them. */
  #gathered(): readonly Effect[] {
    return [...this.questions.gather(), ...this.announcements.gather(), ...this.queries.gather()];
  }
}

/** Lets `event` happen and gives what has to be done about it. Throws on an event that its state does not know: a bug. */
export function step(engine: Engine, event: Event): readonly Effect[] {
  engine.begin(event.now);
  switch (event.type) {
    case 'realise':
      realise(engine, event);
      break;
    case 'cancel':
      withdraw(engine, event.request);
      break;
    case 'deriver-found':
      rebuild(engine, event);
      break;
    case 'agents-changed':
      engine.agents = event.agents;
      for (const goal of engine.waitingForAgent) engine.post(goal, { type: 'agents-changed' });
      break;
    case 'query-warning':
      warn(engine, event);
      break;
    default:
      for (const [goal, goalEvent] of toGoalEvents(engine, event)) engine.post(goal, goalEvent);
  }
  return engine.settle();
}

/** Tells every request that waits for the query. */
function warn(engine: Engine, { query, message }: EventOf<'query-warning'>): void {
  const requests = new Set<RequestId>();
  for (const goal of engine.queries.waiting(query)) for (const { id } of goal.requests) requests.add(id);
  if (requests.size === 0) return;
  const event = { event: 'message', level: 'warning', text: messages.ofSubstituter(message) } as const;
  engine.perform({ type: 'emit', requests: [...requests], event });
}

function act(engine: Engine, goal: Goal, event: GoalEvent): void {
  engine.watch(goal, event);
  if (goal.kind === 'derivation') actOnDerivationGoal(engine, goal, event);
  else actOnSubstitutionGoal(engine, goal, event);
}
