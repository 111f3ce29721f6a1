/**
 * The graph of a recipe for one store: every item with its path, derivations as the bytes of their files.
 *
 * Items are handled in the order in which the recipe made them. Each one uses only earlier ones, so no order has to be
 * searched for, and deep graphs need no deep stack.
 */
import { type ByteString, compareBytes, toBytes } from '@cooper/byte-string';
import {
  completeDerivation,
  type Derivation,
  type DerivationDraft,
  derivationReferences,
  HashModulo,
  printDerivation,
} from '@cooper/derivation';
import { type Hash, hashBytes } from '@cooper/hash';
import { makeFixedOutputPath, makeTextPath, type StorePath } from '@cooper/store-path';
import { recipeFault } from './call-site.ts';
import { type DerivationNode, Output, type RecipeItem, type RecipeNode, Source, Text } from './item.ts';
import { replaceItems } from './placeholder.ts';
import { RecipeDerivation } from './recipe-derivation.ts';
import type { Item } from './value.ts';

/** A file or tree to be added to the store, where it will have this path if it has not changed by then. */
export interface GraphSource {
  readonly path: StorePath;
  readonly source: Source;
}

/** A text to be added to the store: one of the recipe's own, or a derivation. */
export interface GraphText {
  readonly path: StorePath;
  readonly name: string;
  readonly contents: Uint8Array;
  readonly references: readonly StorePath[];
}

/** What a store needs for the items of a recipe. */
export interface RecipeGraph {
  readonly storeDir: string;
  readonly sources: readonly GraphSource[];
  /** References come before what refers to them. */
  readonly texts: readonly GraphText[];
  /** The derivations among the texts. */
  readonly derivations: ReadonlyMap<StorePath, Derivation>;
  /** The path of an item that was asked for, or that one of these uses. */
  pathOf(item: RecipeItem): StorePath;
  /** The path of the file of a derivation. */
  derivationPath(node: DerivationNode): StorePath;
}

/** Tells the hash of what is at `source.file` now: SHA-256, of the NAR or of the contents, as `source.recursive` says. */
export type SourceHasher = (source: Source) => Hash;

/**
 * The graph of everything that `items` need, themselves included. Reads the sources by `hashSource`; throws faults
 * `invalid-recipe` where one cannot be read, and `changed-placeholder`.
 */
export function makeGraph(storeDir: string, items: Iterable<Item>, hashSource: SourceHasher): RecipeGraph {
  const graph = new GraphMaker(storeDir, hashSource);
  for (const node of neededNodes(items)) graph.add(node);
  return graph;
}

/** What a scheduler is asked for to get `item` from the store: `DERIVATION`, `DERIVATION!OUTPUT` or a path. */
export function targetOf(graph: RecipeGraph, item: Item): string {
  if (item instanceof RecipeDerivation) return graph.derivationPath(item.node);
  return item instanceof Output ? `${graph.derivationPath(item.node)}!${item.name}` : graph.pathOf(item);
}

/** All nodes that `items` need, in the order of their making. */
function neededNodes(items: Iterable<Item>): RecipeNode[] {
  const found = new Set<RecipeNode>();
  for (const item of items) found.add(item.node);
  // A set is iterated in the order of insertion, what is inserted meanwhile included.
  for (const node of found) {
    for (const item of usesOf(node)) found.add(item.node);
  }
  return [...found].sort((a, b) => a.sequence - b.sequence);
}

function usesOf(node: RecipeNode): readonly RecipeItem[] {
  return node instanceof Source ? [] : node.uses;
}

class GraphMaker implements RecipeGraph {
  readonly storeDir: string;
  readonly sources: GraphSource[] = [];
  readonly texts: GraphText[] = [];
  readonly derivations = new Map<StorePath, Derivation>();
  readonly #hashSource: SourceHasher;
  readonly #paths = new Map<RecipeNode, StorePath>();
  /** Two nodes may be one store item: what was written twice, or sources with equal contents. */
  readonly #seen = new Set<StorePath>();
  readonly #hashModulo = new HashModulo((path) => this.#derivationAt(path));

  constructor(storeDir: string, hashSource: SourceHasher) {
    this.storeDir = storeDir;
    this.#hashSource = hashSource;
  }

  pathOf(item: RecipeItem): StorePath {
    if (!(item instanceof Output)) return this.#nodePath(item.node);
    const path = this.#derivationAt(this.derivationPath(item.node)).outputs.get(item.name)?.path;
    if (path === undefined) throw new Error(`\`${item.node.name}' has no output \`${item.name}'`);
    return path;
  }

  derivationPath(node: DerivationNode): StorePath {
    return this.#nodePath(node);
  }

  add(node: RecipeNode): void {
    if (node instanceof Source) this.#addSource(node);
    else if (node instanceof Text) this.#addText(node);
    else this.#addDerivation(node);
  }

  #addSource(source: Source): void {
    const { storeDir } = this;
    const { name, recursive, site } = source;
    try {
      const path = makeFixedOutputPath({ storeDir, name, recursive, hash: this.#hashSource(source) });
      this.#paths.set(source, path);
      if (!this.#seen.has(path)) this.sources.push({ path, source });
      this.#seen.add(path);
    } catch (error) {
      throw recipeFault(site, `source \`${source.file}'`, (error as Error).message, error);
    }
  }

  #addText(node: Text): void {
    const contents = toBytes(this.#fill(node.contents));
    const references = node.uses.map((item) => this.pathOf(item)).sort(compareBytes);
    this.#paths.set(node, this.#pushText(node.name, contents, references));
  }

  #addDerivation(node: DerivationNode): void {
    const { name } = node;
    const draft = this.#draft(node);
    const { storeDir } = this;
    const derivation = completeDerivation({ storeDir, name, derivation: draft, hashModulo: this.#hashModulo });
    const path = this.#pushText(`${name}.drv`, printDerivation(derivation), derivationReferences(derivation));
    this.#paths.set(node, path);
    this.derivations.set(path, derivation);
  }

  #draft(node: DerivationNode): DerivationDraft {
    const fill = (text: ByteString) => this.#fill(text);
    const env = [...node.env].map(([name, value]) => [fill(name), fill(value)] as const);
    return {
      outputs: draftOutputs(node),
      ...this.#inputs(node),
      system: node.system,
      builder: fill(node.builder),
      args: node.args.map(fill),
      env: new Map(env.sort(([a], [b]) => compareBytes(a, b))),
    };
  }

  #inputs(node: DerivationNode): Pick<DerivationDraft, 'inputDerivations' | 'inputSources'> {
    const derivations = new Map<StorePath, Set<string>>();
    const sources = new Set<StorePath>();
    for (const item of node.uses) {
      if (!(item instanceof Output)) {
        sources.add(this.pathOf(item));
        continue;
      }
      const path = this.derivationPath(item.node);
      derivations.set(path, (derivations.get(path) ?? new Set()).add(item.name));
    }
    const inputs = [...derivations].sort(([a], [b]) => compareBytes(a, b));
    return {
      inputDerivations: new Map(inputs.map(([path, names]) => [path, [...names].sort(compareBytes)])),
      inputSources: [...sources].sort(compareBytes),
    };
  }

  #fill(text: ByteString): ByteString {
    return replaceItems(text, (item) => this.pathOf(item)) as ByteString;
  }

  #pushText(name: string, contents: Uint8Array, references: readonly StorePath[]): StorePath {
    const { storeDir } = this;
    const path = makeTextPath({ storeDir, name, contentsHash: hashBytes('sha256', contents), references });
    if (!this.#seen.has(path)) this.texts.push({ path, name, contents, references });
    this.#seen.add(path);
    return path;
  }

  #nodePath(node: RecipeNode): StorePath {
    const path = this.#paths.get(node);
    if (path === undefined) throw new Error('the item is not in this graph');
    return path;
  }

  #derivationAt(path: StorePath): Derivation {
    const derivation = this.derivations.get(path);
    if (derivation === undefined) throw new Error(`${path} is not in this graph`);
    return derivation;
  }
}

function draftOutputs({ outputs, fixed }: DerivationNode): DerivationDraft['outputs'] {
  const { algorithm = '', hash = '', recursive = false } = fixed ?? {};
  const output = { hashAlgo: recursive ? `r:${algorithm}` : algorithm, hash };
  return new Map([...outputs].sort(compareBytes).map((name) => [name, output]));
}
