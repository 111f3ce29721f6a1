/**
 * Goals that requests with the same options can share: a pool for each set of options that makes the same builds. Kept
 * in two maps by path, since looking a goal up is what making 100,000 goals does most.
 */
import type { StorePath } from '@cooper/store-path';
import type { BuildOptions, DerivationGoal, Goal, SubstitutionGoal } from './goal.ts';

/** The goals of requests that agree on `options`. */
export interface GoalPool {
  readonly options: BuildOptions;
  readonly derivations: Map<StorePath, DerivationGoal>;
  readonly substitutions: Map<StorePath, SubstitutionGoal>;
  /** In a dry run: what builds would make. */
  readonly expected: Set<StorePath>;
}

export class GoalPools {
  readonly #pools = new Map<string, GoalPool>();

  /** The pool for `options`, new if no request with such options is under way. */
  pool(options: BuildOptions): GoalPool {
    const key = optionsKey(options);
    const pool = this.#pools.get(key) ?? {
      options,
      derivations: new Map(),
      substitutions: new Map(),
      expected: new Set(),
    };
    this.#pools.set(key, pool);
    return pool;
  }

  /** Lets no further request join `goal`. */
  remove(goal: Goal): void {
    const { pool } = goal;
    const goals: Map<StorePath, Goal> = goal.kind === 'derivation' ? pool.derivations : pool.substitutions;
    if (goals.get(goal.path) === goal) goals.delete(goal.path);
    if (pool.derivations.size + pool.substitutions.size === 0) this.#pools.delete(optionsKey(pool.options));
  }
}

/** Equal for options that make the same build. Whose client it is matters only when a build directory may be kept for it. */
function optionsKey(options: BuildOptions): string {
  const { mode, rounds, dryRun, keepFailed, cores, limits, sandbox, sandboxPaths, client } = options;
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const paths = sandboxPaths.map(({ target, source }) => [hex(target), hex(source)]);
  const build = [mode, rounds, dryRun, keepFailed && (client ?? true), cores, Object.values(limits), sandbox, paths];
  return JSON.stringify([...build, options.substitutes, options.substituteUrls, options.fallback, options.offload]);
}
