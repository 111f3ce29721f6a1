/** Closures: everything that can be reached, in an order that puts references before what refers to them. */
import type { StorePath } from '@cooper/store-path';

/** What a path leads to; nothing when the path is not valid. */
export type Neighbours = (path: StorePath) => readonly StorePath[];

interface Visit {
  readonly path: StorePath;
  readonly next: Iterator<StorePath>;
}

/**
 * All paths that `from` leads to, themselves included, each behind all that it leads to (where that goes in a circle, in
 * some order). Linear, and not recursive. A step for each path: large closures are computed in slices.
 */
export function* closing(from: readonly StorePath[], neighbours: Neighbours): Generator<void, StorePath[], void> {
  const order: StorePath[] = [];
  const seen = new Set<StorePath>();
  for (const root of from) yield* visit(root, { neighbours, seen, order });
  return order;
}

/** All steps of `closing` at once. */
export function closure(from: readonly StorePath[], neighbours: Neighbours): StorePath[] {
  const steps = closing(from, neighbours);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

interface Walk {
  readonly neighbours: Neighbours;
  readonly seen: Set<StorePath>;
  readonly order: StorePath[];
}

function* visit(root: StorePath, { neighbours, seen, order }: Walk): Generator<void, void, void> {
  if (seen.has(root)) return;
  seen.add(root);
  const stack: Visit[] = [{ path: root, next: neighbours(root)[Symbol.iterator]() }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { done, value } = top.next.next();
    if (done) {
      order.push(top.path);
      stack.pop();
      yield;
    } else if (!seen.has(value)) {
      seen.add(value);
      stack.push({ path: value, next: neighbours(value)[Symbol.iterator]() });
    }
  }
}
