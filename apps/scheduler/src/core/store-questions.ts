/**
 * What goals want of the store, gathered while a step lasts: one level of a graph makes one effect however wide it is. An
 * answer finds the goals that asked.
 */
import type { StorePath } from '@cooper/store-path';
import type { Effect } from './effect.ts';
import type { Goal, GoalId, Request, RequestId } from './goal.ts';

export class StoreQuestions {
  readonly #readers = new Map<StorePath, Set<Goal>>();
  readonly #checkers = new Map<StorePath, Set<Goal>>();
  #toLease = new Map<RequestId, Set<StorePath>>();
  #toCheck: StorePath[] = [];
  #toRead: StorePath[] = [];
  #failures = { goals: [] as GoalId[], paths: [] as StorePath[] };

  /** Keeps `paths` from collection until all of `requests` have ended. */
  lease(paths: readonly StorePath[], requests: Iterable<Request>): void {
    for (const { id } of requests) {
      const leased = this.#toLease.get(id) ?? new Set();
      this.#toLease.set(id, leased);
      for (const path of paths) leased.add(path);
    }
  }

  /** Asks whether the path of `goal` is valid. */
  checkPath(goal: Goal): void {
    if (enlist(this.#checkers, goal)) this.#toCheck.push(goal.path);
  }

  /** Asks for the derivation of `goal`. */
  readDerivation(goal: Goal): void {
    if (enlist(this.#readers, goal)) this.#toRead.push(goal.path);
  }

  /** Asks whether builds of these outputs of `goal` have failed before. */
  queryFailures(goal: Goal, paths: readonly StorePath[]): void {
    this.#failures.goals.push(goal.id);
    this.#failures.paths.push(...paths);
  }

  /** The goals that asked for the derivation at `path`; they are forgotten. */
  takeReaders(path: StorePath): Iterable<Goal> {
    return take(this.#readers, path);
  }

  takeCheckers(path: StorePath): Iterable<Goal> {
    return take(this.#checkers, path);
  }

  /** What has been gathered since the last time: leases before anything that relies on them. */
  gather(): readonly Effect[] {
    const effects: Effect[] = [];
    for (const [request, paths] of this.#toLease) effects.push({ type: 'add-leases', request, paths: [...paths] });
    if (this.#toCheck.length > 0) effects.push({ type: 'check-paths', paths: this.#toCheck });
    if (this.#toRead.length > 0) effects.push({ type: 'read-derivations', paths: this.#toRead });
    if (this.#failures.goals.length > 0) effects.push({ type: 'query-failures', ...this.#failures });
    this.#toLease = new Map();
    this.#toCheck = [];
    this.#toRead = [];
    this.#failures = { goals: [], paths: [] };
    return effects;
  }
}

function enlist(goals: Map<StorePath, Set<Goal>>, goal: Goal): boolean {
  const others = goals.get(goal.path);
  if (others === undefined) goals.set(goal.path, new Set([goal]));
  else others.add(goal);
  return others === undefined;
}

function take(goals: Map<StorePath, Set<Goal>>, path: StorePath): Iterable<Goal> {
  const found = goals.get(path) ?? [];
  goals.delete(path);
  return found;
}
