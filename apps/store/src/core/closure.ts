/** Closures: everything that can be reached, in an order that puts references before what refers to them. */
import type { StorePath } from '@cooper/store-path';

/** What a path leads to; nothing when the path is not valid. */
export type Neighbours = (path: StorePath) => readonly StorePath[];

/** All paths that `from` leads to, themselves included, each behind all that it leads to. Linear, and not recursive. */
export function closure(from: readonly StorePath[], neighbours: Neighbours): readonly StorePath[] {
  const order: StorePath[] = [];
  const seen = new Set<StorePath>();
  for (const root of from) visit(root, neighbours, seen, order);
  return order;
}

interface Visit {
  readonly path: StorePath;
  readonly next: Iterator<StorePath>;
}

function visit(root: StorePath, neighbours: Neighbours, seen: Set<StorePath>, order: StorePath[]): void {
  if (seen.has(root)) return;
  seen.add(root);
  const stack: Visit[] = [{ path: root, next: neighbours(root)[Symbol.iterator]() }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { done, value } = top.next.next();
    if (done) {
      order.push(top.path);
      stack.pop();
    } else if (!seen.has(value)) {
      seen.add(value);
      stack.push({ path: value, next: neighbours(value)[Symbol.iterator]() });
    }
  }
}
