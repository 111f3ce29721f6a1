/**
 * What a collection has found dead and not yet deleted. Others go on meanwhile: what they lease, register or make a root,
 * and all that it needs, is dead no more. They only say so (protections.ts); the consequences are followed up here, and
 * nothing is deleted before they are.
 */
import { isDerivationPath, type StorePath } from '@cooper/store-path';
import type { Marking } from './marking.ts';
import type { Paths } from './paths.ts';
import type { Protections } from './protections.ts';

export interface KeepingRules {
  readonly keepOutputs: boolean;
  readonly keepDerivations: boolean;
}

/** A dead path and the size of its NAR. */
export interface DeadPath {
  readonly path: StorePath;
  readonly size: number;
}

export class Garbage implements Disposable {
  readonly #paths: Paths;
  readonly #rules: KeepingRules;
  readonly #watch: Disposable;
  /** Roots of the collection and everything protected since, valid or not. */
  readonly #kept = new Set<string>();
  #unfollowed: StorePath[] = [];
  #dead = new Map<string, number>();

  /** From now on, what is protected is noted. */
  constructor(paths: Paths, rules: KeepingRules, protections: Protections) {
    this.#paths = paths;
    this.#rules = rules;
    this.#watch = protections.watch((protectedPaths) => {
      for (const path of protectedPaths) {
        this.#kept.add(path);
        this.#unfollowed.push(path);
      }
    });
  }

  /** Notes the roots of the collection, which the marking goes by. */
  addRoots(roots: Iterable<string>): void {
    for (const root of roots) this.#kept.add(root);
  }

  /** What the marking was told to go by. */
  get roots(): ReadonlySet<string> {
    return this.#kept;
  }

  /** Takes over what the marking has found. */
  setDead({ dead }: Marking): void {
    this.#dead = new Map(dead);
  }

  get dead(): ReadonlyMap<string, number> {
    return this.#dead;
  }

  /** Restricts it to these dead paths and what refers to them, which is dead, too. */
  *restricting(paths: readonly StorePath[]): Generator<void, void, void> {
    const wanted = new Set<string>();
    const stack = [...paths];
    for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
      if (!this.#dead.has(path) || wanted.has(path)) continue;
      wanted.add(path);
      stack.push(...this.#paths.referrersOf(path));
      yield;
    }
    for (const path of [...this.#dead.keys()]) if (!wanted.has(path)) this.#dead.delete(path);
  }

  /** True when all consequences of what was protected are known. */
  get isSettled(): boolean {
    return this.#unfollowed.length === 0;
  }

  /** Follows up what was protected, a path a step. */
  *settling(): Generator<void, void, void> {
    for (let path = this.#unfollowed.pop(); path !== undefined; path = this.#unfollowed.pop()) {
      // What is live already has kept all that it needs; what is new, or was a root of nothing, is looked at.
      if (this.#dead.delete(path) || this.#kept.has(path)) this.#follow(path);
      yield;
    }
  }

  #follow(path: StorePath): void {
    for (const next of this.#keptBy(path)) if (this.#dead.has(next)) this.#unfollowed.push(next);
  }

  /** What `path` keeps, by references and by the rules of the collection. */
  #keptBy(path: StorePath): StorePath[] {
    const kept = this.#paths.referencesOf(path);
    if (this.#rules.keepOutputs && isDerivationPath(path)) kept.push(...this.#paths.validOutputsOf(path));
    if (!this.#rules.keepDerivations) return kept;
    const { deriver } = this.#paths.info(path) ?? {};
    const [derivers = []] = deriver == null ? [] : this.#paths.derivers([path]);
    return kept.concat(derivers.filter((each) => each === deriver));
  }

  /** The next `count` of them, referrers before what they refer to. */
  next(count: number): DeadPath[] {
    const next: DeadPath[] = [];
    for (const [path, size] of this.#dead) {
      if (next.length === count) break;
      next.push({ path: path as StorePath, size });
    }
    return next;
  }

  /** `path` is gone, or has to stay for a reason that only its deletion has shown. */
  settle(path: string): void {
    this.#dead.delete(path);
  }

  /** True when a root is at `path`, or somebody works on it. */
  isKept(path: string): boolean {
    return this.#kept.has(path);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}
