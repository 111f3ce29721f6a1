/**
 * The places in which goals of one kind run (builds, or downloads), and who gets the next one: the request that has the
 * smallest share of them, and among equals the one that has waited longest; of its goals, the first by name. A goal that
 * several requests share counts as a part of a place for each.
 */
import type { Goal, Request } from './goal.ts';
import { ReadyQueue } from './ready-queue.ts';

/** What a request has of the places: how many goals run for it, and how much of them is its own. */
interface Share {
  count: number;
  load: number;
}

const nothing: Share = { count: 0, load: 0 };

export interface SlotRules<G extends Goal> {
  /** How many places a request wants to have at most; nil: as many as there are. */
  readonly maxOf?: (request: Request) => number | null;
  /** Whether a goal that wants a slot wants one of these. */
  readonly isFor?: (goal: G) => boolean;
}

export class Slots<G extends Goal> {
  readonly max: number;
  readonly #maxOf: (request: Request) => number | null;
  readonly #isFor: (goal: G) => boolean;
  /** What of each request is ready. */
  readonly #lines = new Map<Request, ReadyQueue<G>>();
  /** When each request was last given a place, in places given. */
  readonly #served = new WeakMap<Request, number>();
  readonly #running = new Set<G>();
  #given = 0;

  constructor(max: number, { maxOf = () => null, isFor = () => true }: SlotRules<G> = {}) {
    this.max = max;
    this.#maxOf = maxOf;
    this.#isFor = isFor;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Puts `goal`, in state `slot-wanted`, in the line of each of its requests, or of those that have joined it. */
  want(goal: G, requests: Iterable<Request> = goal.requests): void {
    for (const request of requests) {
      const line = this.#lines.get(request) ?? new ReadyQueue();
      this.#lines.set(request, line);
      line.add(goal);
    }
  }

  /** Gives a free slot to the goal whose turn it is; nothing when there is no slot or no goal. */
  grant(): G | undefined {
    const next = this.#next();
    if (next === undefined) return undefined;
    this.#given++;
    for (const request of next.goal.requests) this.#served.set(request, this.#given);
    this.#running.add(next.goal);
    return next.goal;
  }

  holds(goal: G): boolean {
    return this.#running.has(goal);
  }

  /** Takes back the slot that `goal` holds, if it holds one. */
  release(goal: G): void {
    this.#running.delete(goal);
  }

  /** The request that gets the next free slot. */
  get turn(): Request | undefined {
    return this.#next(true)?.request;
  }

  /**
   * How many goals of `request` may run at once. A request may ask for more than there are places: then they are as many
   * as it asks for, as in the reference, where each client has a process of its own.
   */
  maxOf(request: Request): number {
    return this.#maxOf(request) ?? this.max;
  }

  #next(isFree = false): { readonly request: Request; readonly goal: G } | undefined {
    const shares = this.#lines.size === 0 ? new Map<Request, Share>() : this.#shares();
    let best: { request: Request; goal: G; load: number; served: number } | undefined;
    for (const [request, line] of this.#lines) {
      const { count, load } = shares.get(request) ?? nothing;
      if (!isFree && !this.#hasRoom(request, count)) continue;
      const goal = line.first((goal) => this.#isWanted(goal) && goal.requests.has(request));
      const served = this.#served.get(request) ?? 0;
      if (goal === undefined) this.#lines.delete(request);
      else if (best === undefined || load < best.load || (load === best.load && served < best.served)) {
        best = { request, goal, load, served };
      }
    }
    return best;
  }

  #isWanted(goal: G): boolean {
    return goal.state === 'slot-wanted' && this.#isFor(goal);
  }

  /** What is only done here runs also for a request that wants nothing done here, but alone, as in the reference. */
  #hasRoom(request: Request, count: number): boolean {
    const most = this.maxOf(request);
    return most === 0 ? this.running === 0 : count < most && this.running < Math.max(this.max, most);
  }

  #shares(): Map<Request, Share> {
    const shares = new Map<Request, Share>();
    for (const { requests } of this.#running) {
      for (const request of requests) {
        const share = shares.get(request) ?? { count: 0, load: 0 };
        shares.set(request, { count: share.count + 1, load: share.load + 1 / requests.size });
      }
    }
    return shares;
  }
}
