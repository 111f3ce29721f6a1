/** What requests are told of work that has become known: for each request once a step, however much it is. */

import type { StorePath } from '@cooper/store-path';
import type { Effect, PlannedSubstitute } from './effect.ts';
import type { Goal, RequestId } from './goal.ts';

export class Announcements {
  readonly #told = new WeakSet<Goal>();
  #builds = new Map<RequestId, StorePath[]>();
  #substitutes = new Map<RequestId, PlannedSubstitute[]>();

  /** The item of `goal` has to be built. Said once, however often it is considered. */
  build(goal: Goal): void {
    const { path, requests } = goal;
    if (this.#told.has(goal)) return;
    this.#told.add(goal);
    for (const { id } of requests) listOf(this.#builds, id).push(path);
  }

  /** The item of `goal` can be fetched. */
  substitute({ requests }: Goal, { path, downloadSize, narSize }: PlannedSubstitute): void {
    for (const { id } of requests) listOf(this.#substitutes, id).push({ path, downloadSize, narSize });
  }

  /** What has been gathered since the last time. */
  gather(): readonly Effect[] {
    const effects: Effect[] = [];
    for (const [request, build] of this.#builds) {
      effects.push({ type: 'emit', requests: [request], event: { event: 'planned', build } });
    }
    for (const [request, substitutes] of this.#substitutes) {
      effects.push({ type: 'emit', requests: [request], event: { event: 'planned-substitutes', substitutes } });
    }
    this.#builds = new Map();
    this.#substitutes = new Map();
    return effects;
  }
}

function listOf<T>(lists: Map<RequestId, T[]>, request: RequestId): T[] {
  const found = lists.get(request) ?? [];
  lists.set(request, found);
  return found;
}
