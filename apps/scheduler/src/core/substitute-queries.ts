/**
 * What goals want to know from the substitute agent. All that is wanted in one step, of the same caches, is one query:
 * a level of a graph costs one question, however wide it is.
 */
import type { StorePath } from '@cooper/store-path';
import type { Effect } from './effect.ts';
import type { Goal, SubstitutionGoal } from './goal.ts';

type Askers = Map<StorePath, Set<SubstitutionGoal>>;
type Urls = readonly string[] | null;

export class SubstituteQueries {
  #wanted = new Map<string, { readonly urls: Urls; readonly askers: Askers }>();
  readonly #asked = new Map<number, Askers>();
  #lastQuery = 0;

  /** Asks what there is for the path of `goal`, in the caches that its request wants asked. */
  want(goal: SubstitutionGoal): void {
    const urls = goal.pool.options.substituteUrls;
    const key = JSON.stringify(urls);
    const { askers } = this.#wanted.get(key) ?? { askers: new Map() };
    this.#wanted.set(key, { urls, askers });
    const others = askers.get(goal.path);
    if (others === undefined) askers.set(goal.path, new Set([goal]));
    else others.add(goal);
  }

  /** The queries that have been gathered since the last time. */
  gather(): readonly Effect[] {
    const wanted = this.#wanted;
    this.#wanted = new Map();
    return Array.from(wanted.values(), ({ urls, askers }) => {
      const query = ++this.#lastQuery;
      this.#asked.set(query, askers);
      return { type: 'query-substitutes', query, paths: [...askers.keys()], urls };
    });
  }

  /** The goals that asked for `path` in `query`; they are forgotten. */
  take(query: number, path: StorePath): Iterable<SubstitutionGoal> {
    const askers = this.#asked.get(query);
    const goals = askers?.get(path) ?? [];
    askers?.delete(path);
    if (askers?.size === 0) this.#asked.delete(query);
    return goals;
  }

  /** The goals that still wait for an answer to `query`. */
  *waiting(query: number): Iterable<Goal> {
    for (const goals of this.#asked.get(query)?.values() ?? []) yield* goals;
  }
}
