/** What mode repair wants to know of the store, from several calls each. */
import type { storeContract } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import { isDerivationPath, type StorePath } from '@cooper/store-path';
import type { Effect } from '../core/effect.ts';
import type { BrokenItem } from '../core/event.ts';

type Store = Client<typeof storeContract>;
type Inspection = Extract<Effect, { type: 'inspect-closure' }>;

/** How many items one call has hashed: others get their turn in between. */
const batch = 100;

/** What is corrupt among all that the outputs refer to, and which derivation among the inputs has made it. */
export async function inspectClosure(store: Store, inspection: Inspection): Promise<readonly BrokenItem[]> {
  const { paths } = await store.call('queryClosure', { paths: [...inspection.outputs] });
  const checked = new Set(inspection.checked);
  const corrupt = await corruptAmong(
    store,
    paths.filter((path) => !checked.has(path)),
  );
  if (corrupt.length === 0) return [];
  const derivers = await deriversAmong(store, inspection.derivation);
  return corrupt.map((path) => ({ path, deriver: derivers.get(path) ?? null }));
}

async function corruptAmong(store: Store, paths: readonly StorePath[]): Promise<readonly StorePath[]> {
  const found: StorePath[] = [];
  for (let from = 0; from < paths.length; from += batch) {
    const { corrupt } = await store.call('checkContents', { paths: paths.slice(from, from + batch) });
    found.push(...corrupt);
  }
  return found;
}

/** The derivations that `derivation` needs, itself included, by the outputs that they have. */
async function deriversAmong(store: Store, derivation: StorePath): Promise<ReadonlyMap<StorePath, StorePath>> {
  const { paths } = await store.call('queryClosure', { paths: [derivation] });
  const derivations = paths.filter(isDerivationPath);
  const { outputs } = await store.call('queryDerivationOutputs', { paths: derivations });
  const derivers = new Map<StorePath, StorePath>();
  for (const [index, deriver] of derivations.entries()) {
    for (const { path } of outputs[index] ?? []) derivers.set(path, deriver);
  }
  return derivers;
}

/** The derivation that is registered as the one that made `path`, if it is valid. */
export async function findDeriver(store: Store, path: StorePath): Promise<StorePath | null> {
  const { infos } = await store.call('queryPathInfos', { paths: [path] });
  const deriver = infos[0]?.deriver;
  if (deriver === undefined || deriver === null) return null;
  const { paths } = await store.call('queryValidPaths', { paths: [deriver] });
  return paths.length === 0 ? null : deriver;
}
