/** `cooper why`, `cooper size` and `cooper store diff`: questions about closures. */
import { writeFileSync } from 'node:fs';
import { type StorePath, storePathName } from '@cooper/store-path';
import { formatSize } from '../../core/byte-size.ts';
import { diffClosures } from '../../core/closure-diff.ts';
import { exitStatus } from '../../core/exit-status.ts';
import { closureOf, dotGraph, type Item, type ItemGraph, shortestChain, sizeOf } from '../../core/item-graph.ts';
import { jsonLine } from '../../core/json-line.ts';
import { messages } from '../../core/messages.ts';
import { treemapPicture } from '../../core/treemap.ts';
import { readClosure } from '../closure-reader.ts';
import { print, printLines, say } from '../output.ts';
import { withStore } from '../session.ts';
import type { Invocation } from '../setting-options.ts';
import { storeArgument } from '../store-argument.ts';

interface Shown {
  readonly json?: boolean;
  readonly graph?: boolean;
}

/** Prints the shortest chain of references from one item to another; exits with 1 where there is none. */
export async function why(from: string, to: string, shown: Shown, invocation: Invocation): Promise<number> {
  const [start, end] = [argument(from, invocation), argument(to, invocation)];
  const graph = await read([start], invocation);
  const chain = shortestChain(graph, start, end);
  if (shown.json) await print(jsonLine({ from: start, to: end, chain: chain ?? null }));
  else if (chain === undefined) say(messages.info(messages.noChain(start, end)));
  else if (shown.graph) await printLines(dotGraph(restricted(graph, chain), nameAndSize));
  else await printLines(chain.map((path, depth) => `${'  '.repeat(depth)}${path}`));
  return chain === undefined ? exitStatus.failure : exitStatus.success;
}

export interface SizeOptions extends Shown {
  readonly svg?: string;
}

/** Prints what each item of a closure takes, alone and with all that it needs. */
export async function size(words: readonly string[], options: SizeOptions, invocation: Invocation): Promise<number> {
  const from = words.map((word) => argument(word, invocation));
  const graph = await read(from, invocation);
  const items = [...graph.values()].sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1));
  const total = sizeOf(graph, graph.keys());
  if (options.svg !== undefined) {
    const title = `${from.map(storePathName).join(', ')}: ${formatSize(total)}`;
    if (options.svg === '-') await print(treemapPicture(items, title));
    else writeFileSync(options.svg, treemapPicture(items, title));
  } else if (options.graph) await printLines(dotGraph(graph, nameAndSize));
  else if (options.json) for (const item of items) await print(jsonLine(sizesOf(graph, item)));
  else await printTable(graph, items, total);
  return exitStatus.success;
}

function sizesOf(graph: ItemGraph, { path, size: self }: Item) {
  return { path, self, closure: sizeOf(graph, closureOf(graph, path)) };
}

async function printTable(graph: ItemGraph, items: readonly Item[], total: number): Promise<void> {
  await printLines([messages.sizeHead]);
  for (const item of items) {
    const { path, self, closure } = sizesOf(graph, item);
    const share = total === 0 ? 0 : (100 * self) / total;
    const columns = [formatSize(closure), formatSize(self), `${share.toFixed(1)}%`].map((text) => text.padStart(11));
    await printLines([`${columns.join('')}  ${path}`]);
  }
  await printLines([messages.sizeTotal(items.length, formatSize(total))]);
}

/** Prints how two closures differ; exits with 1 when they do. */
export async function diff(before: string, after: string, { json }: Shown, invocation: Invocation): Promise<number> {
  const [old, fresh] = [argument(before, invocation), argument(after, invocation)];
  const changes = await withStore(invocation, async (store) =>
    diffClosures(await readClosure(store, [old]), await readClosure(store, [fresh])),
  );
  for (const change of changes) await print(json ? jsonLine(change) : `${messages.closureChange(change)}\n`);
  return changes.length === 0 ? exitStatus.success : exitStatus.failure;
}

function argument(word: string, { settings }: Invocation): StorePath {
  return storeArgument(settings.directories.store, word);
}

function read(from: readonly StorePath[], invocation: Invocation): Promise<ItemGraph> {
  return withStore(invocation, (store) => readClosure(store, from));
}

/** The items of a chain, each with the reference to the next alone. */
function restricted(graph: ItemGraph, chain: readonly StorePath[]): ItemGraph {
  return new Map(
    chain.map((path, index) => {
      const next = chain[index + 1];
      return [path, { path, size: graph.get(path)?.size ?? 0, references: next === undefined ? [] : [next] }];
    }),
  );
}

function nameAndSize({ path, size: bytes }: Item): string {
  return `${storePathName(path)}\n${formatSize(bytes)}`;
}
