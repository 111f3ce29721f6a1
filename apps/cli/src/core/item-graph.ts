/** Store items and what they refer to, as questions about closures want them. */
import type { StorePath } from '@cooper/store-path';

export interface Item {
  readonly path: StorePath;
  /** The size of the NAR, in bytes. */
  readonly size: number;
  readonly references: readonly StorePath[];
}

/** Items by their paths, in the order in which they came: references before referrers. */
export type ItemGraph = ReadonlyMap<StorePath, Item>;

/** The shortest way from `from` to `to` along references, both included; nothing where there is none. */
export function shortestChain(graph: ItemGraph, from: StorePath, to: StorePath): readonly StorePath[] | undefined {
  const before = new Map<StorePath, StorePath | undefined>([[from, undefined]]);
  for (const path of before.keys()) {
    if (path === to) return chainTo(before, to);
    // The keys of a map that is read grow while they are read: this is the queue.
    for (const next of graph.get(path)?.references ?? []) if (!before.has(next)) before.set(next, path);
  }
  return undefined;
}

function chainTo(before: ReadonlyMap<StorePath, StorePath | undefined>, to: StorePath): readonly StorePath[] {
  const chain: StorePath[] = [];
  for (let path: StorePath | undefined = to; path !== undefined; path = before.get(path)) chain.unshift(path);
  return chain;
}

/** Everything that `from` leads to, itself included. */
export function closureOf(graph: ItemGraph, from: StorePath): ReadonlySet<StorePath> {
  const closure = new Set([from]);
  for (const path of closure) for (const next of graph.get(path)?.references ?? []) closure.add(next);
  return closure;
}

/** The sum of the sizes of these items. */
export function sizeOf(graph: ItemGraph, paths: Iterable<StorePath>): number {
  let size = 0;
  for (const path of paths) size += graph.get(path)?.size ?? 0;
  return size;
}

/** The graph in the language of Graphviz: an arrow from each item to what it refers to, itself left out. */
export function dotGraph(graph: ItemGraph, label: (item: Item) => string): readonly string[] {
  const lines = ['digraph store {', '  rankdir=LR;', '  node [shape=box, fontname="sans-serif"];'];
  for (const item of graph.values()) {
    lines.push(`  ${quoted(item.path)} [label=${quoted(label(item))}];`);
    for (const reference of item.references) {
      if (reference !== item.path && graph.has(reference))
        lines.push(`  ${quoted(item.path)} -> ${quoted(reference)};`);
    }
  }
  return [...lines, '}'];
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
