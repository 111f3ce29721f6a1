/** A closure in JSON, as structured attributes with `exportReferencesGraph` hold it: the form of Nix's `path-info --json`. */
import { formatPrefixedHash, parseHash } from '@cooper/hash';
import type { StorePath } from '@cooper/store-path';
import { type Json, JsonNumber } from './attributes.ts';
import type { GraphNode } from './references-graph.ts';

/** The members of a closure in the order of their paths. */
export function closureDescription(nodes: ReadonlyMap<StorePath, GraphNode>): Json {
  return [...nodes.values()]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((node) => ({
      closureSize: numberOf(closureSize(node.path, nodes)),
      narHash: formatPrefixedHash(parseHash(node.narHash), 'base32'),
      narSize: numberOf(node.narSize),
      path: node.path,
      references: [...node.references].sort(),
    }));
}

function numberOf(value: number): JsonNumber {
  return new JsonNumber(String(value));
}

/** Bytes of the archives of `path` and all that it refers to. */
function closureSize(path: StorePath, nodes: ReadonlyMap<StorePath, GraphNode>): number {
  const seen = new Set([path]);
  // The set grows while it is read.
  let size = 0;
  for (const member of seen) {
    const node = nodes.get(member);
    size += node?.narSize ?? 0;
    for (const reference of node?.references ?? []) seen.add(reference);
  }
  return size;
}
