/**
 * The derivations of a request as trees: what is wanted at the top, what it needs below it. A derivation that several
 * others need is shown once, under the first of them.
 */
import type { StorePath } from '@cooper/store-path';

/** One derivation in its place. */
export interface Place {
  readonly path: StorePath;
  /** The derivation that it is shown under. */
  readonly parent: StorePath | undefined;
}

/**
 * All `paths`, each after its parent and with everything below it before the next: the order of the lines of a tree.
 * `inputsOf` tells what a derivation needs; what is not among `paths` does not count.
 */
export function orderAsForest(
  paths: Iterable<StorePath>,
  inputsOf: (path: StorePath) => readonly StorePath[],
): Place[] {
  const members = new Set(paths);
  const needed = new Set<StorePath>();
  for (const path of members) for (const input of inputsOf(path)) needed.add(input);
  const roots = [...members].filter((path) => !needed.has(path));
  const places: Place[] = [];
  const stack: Place[] = roots.reverse().map((path) => ({ path, parent: undefined }));
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { path } = place;
    if (!members.delete(path)) continue;
    places.push(place);
    const inputs = inputsOf(path).filter((input) => members.has(input));
    for (const input of inputs.toReversed()) stack.push({ path: input, parent: path });
  }
  return places;
}

/** A line of a tree whose places were thinned out: how deep it is, and what its branches look like. */
export interface Branch {
  readonly path: StorePath;
  /** For each level above: whether another branch of it follows below. The last is that of the line itself. */
  readonly follows: readonly boolean[];
}

/** The branches of the places in `shown`, each under the nearest one above it that is shown. */
export function branchesOf(places: readonly Place[], shown: ReadonlySet<StorePath>): Branch[] {
  const parents = shownParents(places, shown);
  const lines = places.filter(({ path }) => shown.has(path)).map(({ path }) => path);
  // From the end: whether a sibling follows is known when a line is met.
  const last = new Set<StorePath | undefined>();
  const follows = new Map<StorePath, boolean>();
  for (const path of lines.toReversed()) {
    const parent = parents.get(path);
    follows.set(path, last.has(parent));
    last.add(parent);
  }
  const branches = new Map<StorePath, readonly boolean[]>();
  for (const path of lines) {
    const parent = parents.get(path);
    const above = parent === undefined ? [] : (branches.get(parent) ?? []);
    branches.set(path, parent === undefined ? [] : [...above, follows.get(path) ?? false]);
  }
  return lines.map((path) => ({ path, follows: branches.get(path) ?? [] }));
}

function shownParents(
  places: readonly Place[],
  shown: ReadonlySet<StorePath>,
): ReadonlyMap<StorePath, StorePath | undefined> {
  const nearest = new Map<StorePath, StorePath | undefined>();
  for (const { path, parent } of places) {
    const above = parent === undefined || shown.has(parent) ? parent : nearest.get(parent);
    nearest.set(path, above);
  }
  return nearest;
}
