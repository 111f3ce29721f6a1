/**
 * What nothing keeps any more, in an order in which it can be deleted. Paths are numbers here, from 0: a store of a million
 * paths and ten million references fits into some typed arrays.
 */

/** Arrows from path to path: each a pair of numbers, one behind the other. */
export type Arrows = Int32Array;

export interface PathGraph {
  /** How many paths there are. */
  readonly count: number;
  /** From each path to what it refers to; to itself, too. */
  readonly references: Arrows;
  /** From each path to what else it keeps: from outputs to derivers, or from derivations to outputs. */
  readonly keeps: Arrows;
  readonly roots: Iterable<number>;
}

/**
 * The paths that no root leads to, each before everything that it refers to; of those that are equal in that, the lower
 * number goes first. Linear.
 */
export function deadPaths(graph: PathGraph): Int32Array {
  const references = new Adjacency(graph.count, graph.references);
  const live = mark(graph, references, new Adjacency(graph.count, graph.keeps));
  return inDeletionOrder(references, live);
}

/** For each path, where arrows from it go: those of `path` are `ends[starts[path]]` to `ends[starts[path + 1] - 1]`. */
class Adjacency {
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(count: number, arrows: Arrows) {
    this.starts = new Int32Array(count + 1);
    this.ends = new Int32Array(arrows.length / 2);
    for (let at = 0; at < arrows.length; at += 2) add(this.starts, arrows[at] as number, 1);
    let sum = 0;
    for (let path = 0; path <= count; path++) {
      sum += this.starts[path] as number;
      this.starts[path] = sum;
    }
    // Filled from the back, each start comes to lie where the arrows of its path begin.
    for (let at = arrows.length - 2; at >= 0; at -= 2) {
      this.ends[add(this.starts, arrows[at] as number, -1)] = arrows[at + 1] as number;
    }
  }

  /** Calls `visit` with each end of an arrow from `path`. */
  each(path: number, visit: (end: number) => void): void {
    const stop = this.starts[path + 1] as number;
    for (let at = this.starts[path] as number; at < stop; at++) visit(this.ends[at] as number);
  }
}

/** Adds `amount` to a number of `array`, and gives the sum. */
function add(array: Int32Array, index: number, amount: number): number {
  const sum = (array[index] as number) + amount;
  array[index] = sum;
  return sum;
}

/** One byte a path: 1 where a root leads to it. */
function mark({ count, roots }: PathGraph, references: Adjacency, keeps: Adjacency): Uint8Array {
  const live = new Uint8Array(count);
  const stack: number[] = [];
  const reach = (path: number): void => {
    if (live[path] === 1) return;
    live[path] = 1;
    stack.push(path);
  };
  for (const root of roots) reach(root);
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    references.each(path, reach);
    keeps.each(path, reach);
  }
  return live;
}

function inDeletionOrder(references: Adjacency, live: Uint8Array): Int32Array {
  const count = live.length;
  const referrers = new Int32Array(count);
  const eachOther = (path: number, visit: (end: number) => void): void =>
    references.each(path, (end) => {
      if (end !== path) visit(end);
    });
  const dead = Int32Array.from({ length: count }, (_, path) => path).filter((path) => live[path] === 0);
  for (const path of dead) eachOther(path, (end) => void add(referrers, end, 1));
  const order = new Int32Array(dead.length);
  let length = 0;
  for (const path of dead) if (referrers[path] === 0) order[length++] = path;
  for (let at = 0; at < length; at++) {
    eachOther(order[at] as number, (end) => {
      if (live[end] === 0 && add(referrers, end, -1) === 0) order[length++] = end;
    });
  }
  // Paths that refer to each other in a circle cannot be registered; where they are all the same, they stay.
  return order.slice(0, length);
}
