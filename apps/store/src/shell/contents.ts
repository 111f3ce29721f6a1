/** Whether valid items are on disk what was registered. */
import type { StorePath } from '@cooper/store-path';
import type { World } from './world.ts';

/** How many items are asked for at a time: enough to keep all threads busy. */
const batch = 64;

/**
 * Those of `asked`, which are valid, whose contents are not (or no longer) what was registered, in their order. Ends early,
 * for nobody, when `signal` is aborted.
 */
export async function corruptPaths(
  { hashers, paths, store }: World,
  asked: readonly StorePath[],
  signal?: AbortSignal,
): Promise<StorePath[]> {
  const corrupt: StorePath[] = [];
  for (let from = 0; from < asked.length && !signal?.aborted; from += batch) {
    const infos = paths.infos(asked.slice(from, from + batch)).filter((info) => info !== null);
    const hashes = await Promise.all(infos.map(({ path }) => hashers.hash(store.locate(path))));
    for (const [index, { path, narHash }] of infos.entries()) if (hashes[index] !== narHash) corrupt.push(path);
  }
  return corrupt;
}
