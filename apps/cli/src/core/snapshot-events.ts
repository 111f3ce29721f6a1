/**
 * Snapshots as events: for whoever begins to look when things are under way already. What a later snapshot has in common
 * with an earlier one is not told again.
 */
import type { GoalView, SchedulerEvent, Snapshot } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';

export class SnapshotEvents {
  /** What was last told of each derivation. */
  readonly #told = new Map<StorePath, string>();
  readonly #requests = new Set<number>();

  /** The requests that no earlier snapshot had. */
  newRequests({ requests }: Snapshot): number[] {
    const fresh = requests.map(({ request }) => request).filter((request) => !this.#requests.has(request));
    for (const request of fresh) this.#requests.add(request);
    return fresh;
  }

  /** What there is to tell of the goals. */
  events({ goals }: Snapshot): SchedulerEvent[] {
    const fresh = goals.filter((goal) => goal.kind === 'derivation' && this.#isNews(goal));
    const planned = fresh.map(({ path }) => path);
    return planned.length === 0 ? [] : [{ event: 'planned', build: planned }, ...fresh.flatMap(goalEvents)];
  }

  #isNews({ path, process, waits }: GoalView): boolean {
    const state = JSON.stringify([process ?? null, waits]);
    if (this.#told.get(path) === state) return false;
    this.#told.set(path, state);
    return true;
  }
}

function goalEvents({ path, process, agent, waits, since }: GoalView): SchedulerEvent[] {
  const derivation = path;
  if (process !== undefined) {
    const started = { derivation, system: '', logFile: new Uint8Array(), process, agent: agent ?? '', time: since };
    return [{ event: 'build-started', ...started }];
  }
  return waits === null ? [] : [{ event: 'build-waiting', derivation, reason: waits, time: since }];
}
