/**
 * Puts the graph of a recipe into a store: what is valid already is neither read nor sent, so a recipe that has not
 * changed costs two calls.
 */
import type { storeContract, Ticket } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import { recipeFault } from './call-site.ts';
import type { GraphSource, GraphText, RecipeGraph } from './graph.ts';

/** The store, and the way bytes get there. */
export interface GraphStore {
  readonly store: Client<typeof storeContract>;
  /** Sends the tree at `file`, as a NAR, to whom the ticket is for. */
  readonly sendTree: (ticket: Ticket, file: string) => Promise<void>;
}

/** How much one call carries: far from the limits of a frame, and enough that calls do not count. */
const batchBytes = 4 * 1024 * 1024;
const batchItems = 10_000;

/**
 * Makes all of `graph` valid. The paths are leased first: nothing is collected until the store's channel ends. Gives what
 * had to be added. Throws the faults of the store, and `invalid-recipe` where a source changes meanwhile.
 */
export async function addGraph(graph: RecipeGraph, to: GraphStore): Promise<readonly StorePath[]> {
  const paths = [...graph.sources, ...graph.texts].map(({ path }) => path);
  const valid = new Set<StorePath>();
  for (const batch of batches(paths, (path) => path.length)) {
    await to.store.call('addLeases', { paths: batch });
    const answer = await to.store.call('queryValidPaths', { paths: batch });
    for (const path of answer.paths) valid.add(path);
  }
  for (const source of graph.sources) if (!valid.has(source.path)) await addSource(source, to);
  const texts = graph.texts.filter(({ path }) => !valid.has(path));
  for (const batch of batches(texts, ({ contents }) => contents.length)) await addTexts(batch, to);
  return paths.filter((path) => !valid.has(path));
}

async function addSource({ path, source }: GraphSource, { store, sendTree }: GraphStore): Promise<void> {
  const { name, recursive, file, site } = source;
  const { info } = await store.call(
    'addTree',
    { name, recursive, hashAlgorithm: 'sha256' },
    { onItem: (ticket) => sendTree(ticket, file) },
  );
  if (info.path !== path) throw recipeFault(site, `source \`${file}'`, 'it changed while it was added to the store');
}

async function addTexts(batch: readonly GraphText[], { store }: GraphStore): Promise<void> {
  const texts = batch.map(({ name, contents, references }) => ({ name, contents, references }));
  const { paths } = await store.call('addTexts', { texts });
  const wrong = batch.find(({ path }, index) => paths[index] !== path);
  if (wrong === undefined) return;
  const message = `the store added \`${wrong.name}' under another path than \`${wrong.path}'`;
  throw new Fault('invalid-response', message, { path: wrong.path });
}

/** `items` in order, in parts that a call can carry. */
function* batches<Item>(items: readonly Item[], sizeOf: (item: Item) => number): Generator<readonly Item[]> {
  let batch: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (batch.length === batchItems || (batch.length > 0 && bytes + size > batchBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
