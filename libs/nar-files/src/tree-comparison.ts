/**
 * In which files two trees differ, as far as archives go: types, contents, targets, the executable bit, and what is in one
 * of them only. Both are walked side by side; memory is that of two walks, however large they are.
 */
import type { ByteString } from '@cooper/byte-string';
import { createHasher, formatHash, type Hasher } from '@cooper/hash';
import type { NarSink } from '@cooper/nar';
import type { TreeLocation } from './location.ts';
import { walkTree } from './tree-walk.ts';

/** Stands between names: sorts before every byte that a name can hold, so that keys sort as archives do. */
const separator = '\0';

interface Node {
  /** The names from the top down, separated; empty for the top itself. */
  readonly key: string;
  /** Equal for nodes that are the same in archives, what is below them left out. */
  readonly content: string;
}

/** Tells the nodes of one tree; nothing for a step that completes none. */
type Nodes = Generator<Node | undefined, void, void>;

/**
 * Compares step by step and gives the paths of what differs, relative to the tops (empty: the top itself), sorted: at
 * most `limit`, the first in the order of archives. Of a directory that is in one tree only, nothing below it is named.
 * Faults are those of `walkTree`.
 */
export function* treeComparing(
  one: TreeLocation,
  other: TreeLocation,
  limit: number,
): Generator<void, ByteString[], void> {
  const differing: string[] = [];
  const ones = nodesOf(one);
  const others = nodesOf(other);
  try {
    let a = yield* next(ones);
    let b = yield* next(others);
    while ((a !== undefined || b !== undefined) && differing.length < limit) {
      const order = compareNodes(a, b);
      const isSame = order === 0 && a?.content === b?.content;
      const { key } = (order <= 0 ? a : b) as Node;
      if (!isSame && !isBelow(key, differing.at(-1))) differing.push(key);
      if (order <= 0) a = yield* next(ones);
      if (order >= 0) b = yield* next(others);
    }
  } finally {
    ones.return();
    others.return();
  }
  return differing.map((key) => key.replaceAll(separator, '/') as ByteString).sort();
}

/** Nodes that are not there come last. */
function compareNodes(a: Node | undefined, b: Node | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

function isBelow(key: string, above: string | undefined): boolean {
  return above !== undefined && (above === '' || key.startsWith(above + separator));
}

function* next(nodes: Nodes): Generator<void, Node | undefined, void> {
  for (;;) {
    const { done, value } = nodes.next();
    if (done) return undefined;
    if (value !== undefined) return value;
    yield;
  }
}

function* nodesOf(location: TreeLocation): Nodes {
  const sink = new NodeSink();
  for (const _ of walkTree(location, sink)) {
    yield* sink.nodes.splice(0);
    yield undefined;
  }
  yield* sink.nodes.splice(0);
}

/** Gathers the nodes that are complete. */
class NodeSink implements NarSink {
  readonly nodes: Node[] = [];
  /** The keys of the directories from the top down to the current place. */
  readonly #above: string[] = [];
  #key = '';
  #hasher: Hasher | undefined;
  #kind = '';

  directory(): void {
    this.#tell('directory');
    this.#above.push(this.#key);
  }

  entry(name: ByteString): void {
    const above = this.#above.at(-1) ?? '';
    this.#key = above === '' ? name : above + separator + name;
  }

  leave(): void {
    this.#above.pop();
  }

  file(executable: boolean): void {
    this.#kind = executable ? 'executable' : 'file';
    this.#hasher = createHasher('sha256');
  }

  contents(chunk: Uint8Array): void {
    this.#hasher?.update(chunk);
  }

  endFile(): void {
    if (this.#hasher !== undefined) this.#tell(`${this.#kind} ${formatHash(this.#hasher.digest(), 'base16')}`);
  }

  symlink(target: ByteString): void {
    this.#tell(`symlink ${target}`);
  }

  #tell(content: string): void {
    this.nodes.push({ key: this.#key, content });
  }
}
