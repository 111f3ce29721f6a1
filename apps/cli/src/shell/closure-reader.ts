/** Reads closures from the store, as graphs. */
import type { storeContract } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { Item, ItemGraph } from '../core/item-graph.ts';

/** How many paths are asked for at once: the reply stays far below the size of a frame. */
const batch = 1000;

/** Everything that `from` leads to, references before referrers. Throws the fault `path-not-valid`. */
export async function readClosure(store: Client<typeof storeContract>, from: readonly StorePath[]): Promise<ItemGraph> {
  const { paths } = await store.call('queryClosure', { paths: [...from] });
  const graph = new Map<StorePath, Item>();
  for (let at = 0; at < paths.length; at += batch) {
    const { infos } = await store.call('queryPathInfos', { paths: paths.slice(at, at + batch) });
    for (const info of infos) {
      if (info !== null) graph.set(info.path, { path: info.path, size: info.narSize, references: info.references });
    }
  }
  return graph;
}
