/**
 * Leases: paths that a channel needs for as long as it lives. They stand in the file of temporary roots, so that
 * collectors of other programs keep them, too.
 */
import type { StorePath } from '@cooper/store-path';
import type { Protections } from './protections.ts';
import type { TemporaryRoots } from './temporary-roots.ts';

/** A channel, as far as leases go: they end with it, when none of its calls runs any more. */
export interface LeaseHolder {
  readonly settled: Promise<unknown>;
}

/** The leases of a channel by the group that it has put them in; those without one are in the group -1. */
type Groups = Map<number, Set<StorePath>>;

const noGroup = -1;

export class Leases {
  readonly #roots: TemporaryRoots;
  readonly #protections: Protections;
  readonly #byHolder = new Map<LeaseHolder, Groups>();
  /** Those of work that ends in this process, whoever asked for it. */
  readonly #byWork = new Map<object, Set<StorePath>>();

  constructor(roots: TemporaryRoots, protections: Protections) {
    this.#roots = roots;
    this.#protections = protections;
  }

  /** Leases `paths` to `holder`. When it resolves, nobody collects them. */
  async add(holder: LeaseHolder, paths: readonly StorePath[], group = noGroup): Promise<void> {
    const groups = this.#byHolder.get(holder) ?? this.#begin(holder);
    const leased = groups.get(group) ?? new Set();
    groups.set(group, leased);
    for (const path of paths) leased.add(path);
    this.#protections.add(paths);
    await this.#roots.add(paths);
  }

  /** Gives up what `holder` has leased in these groups, and in none. It may lease again. */
  release(holder: LeaseHolder, groups: readonly number[]): Promise<void> {
    for (const group of [noGroup, ...groups]) this.#byHolder.get(holder)?.delete(group);
    return this.#shrink();
  }

  /** Leases `paths` to a piece of work, until `end` is called with it. When it resolves, nobody collects them. */
  async keep(work: object, paths: readonly StorePath[]): Promise<void> {
    const leased = this.#byWork.get(work) ?? new Set<StorePath>();
    this.#byWork.set(work, leased);
    for (const path of paths) leased.add(path);
    this.#protections.add(paths);
    await this.#roots.add(paths);
  }

  /** Leases `paths` until what it gives is disposed of. */
  async keeping(paths: readonly StorePath[]): Promise<Disposable> {
    const work = { [Symbol.dispose]: () => this.end(work) };
    await this.keep(work, paths);
    return work;
  }

  /** The work is over. What is noted for other programs goes with the next channel. */
  end(work: object): void {
    this.#byWork.delete(work);
  }

  /** Every path that somebody has leased. */
  *all(): Iterable<StorePath> {
    for (const groups of this.#byHolder.values()) for (const paths of groups.values()) yield* paths;
    for (const paths of this.#byWork.values()) yield* paths;
  }

  #begin(holder: LeaseHolder): Groups {
    const groups: Groups = new Map();
    this.#byHolder.set(holder, groups);
    void holder.settled.then(() => this.#end(holder));
    return groups;
  }

  #end(holder: LeaseHolder): Promise<void> {
    this.#byHolder.delete(holder);
    return this.#shrink();
  }

  #shrink(): Promise<void> {
    return this.#roots.keepOnly(() => new Set(this.all()));
  }
}
