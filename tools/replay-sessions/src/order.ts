/** The order in which sessions took place: recordings do not say it, but what each saw of the store does. */
import type { Facts } from './facts.ts';

export interface Dated {
  readonly name: string;
  readonly facts: Facts;
}

/** `sessions` in an order in which each sees what it saw, as far as there is one. `valid`: what was there at first. */
export function orderSessions<S extends Dated>(sessions: readonly S[], valid: Iterable<string>): S[] {
  const state = new Set(valid);
  const left = [...sessions].sort((a, b) => a.facts.rank - b.facts.rank || (a.name < b.name ? -1 : 1));
  const ordered: S[] = [];
  while (left.length > 0) {
    const place = Math.max(
      0,
      left.findIndex(({ facts }) => holds(facts, state)),
    );
    const [next] = left.splice(place, 1) as [S];
    for (const path of next.facts.adds) state.add(path);
    for (const path of next.facts.removes) state.delete(path);
    ordered.push(next);
  }
  return ordered;
}

function holds({ valid, invalid, exactly }: Facts, state: ReadonlySet<string>): boolean {
  if ([...valid].some((path) => !state.has(path)) || [...invalid].some((path) => state.has(path))) return false;
  return exactly === undefined || (exactly.size === state.size && [...exactly].every((path) => state.has(path)));
}
