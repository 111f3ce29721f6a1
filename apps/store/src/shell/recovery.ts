/**
 * What a start does about what an earlier process left: whatever stands in the journal and is not registered goes, items
 * that were being replaced are replaced, and everything in staging goes.
 */
import type { Log } from '@cooper/log';
import { inSlices } from '@cooper/process';
import { journalName, type Replacement } from './journal.ts';
import { PathLocks } from './path-lock.ts';
import { exchange } from './placement.ts';
import { type Location, statusOf } from './store-directory.ts';
import { inspecting } from './tree-inspection.ts';
import { withOutputs } from './with-outputs.ts';
import type { World } from './world.ts';

/** Cleans up. Items that another program has locked are left to it. */
export async function recover(world: World, log: Log): Promise<void> {
  const { journal, paths, staging, store } = world;
  for (const replacement of journal.leftReplacements()) await carryOn(world, replacement, log);
  for (const path of journal.left()) {
    using locks = new PathLocks(store.descriptor);
    if (locks.take([path]) === undefined && !paths.isValid(path)) staging.discard(store.locate(path));
  }
  journal.start();
  staging.clear([journalName]);
}

/** Has the version at the path that was to be there, if it is whole; else everything stays as it is. */
async function carryOn(world: World, { info, staged }: Replacement, log: Log): Promise<void> {
  const { paths, registrar, staging, store } = world;
  using locks = new PathLocks(store.descriptor);
  if (locks.take([info.path]) !== undefined || paths.firstInvalid([info.path, ...info.references]) !== undefined)
    return;
  const [place, other] = [store.locate(info.path), staging.locate(staged)];
  if (!(await isVersion(info, place))) {
    if (!(await isVersion(info, other))) return;
    exchange(world, other, place);
  }
  try {
    await registrar.register([withOutputs(world, info, place)]);
  } catch (error) {
    // A store on a full disk must start all the same, or nothing could be collected on it.
    exchange(world, other, place);
    log.warning(`\`${info.path}' stays as it was before its repair: ${(error as Error).message}`, { path: info.path });
  }
}

async function isVersion({ narHash }: Replacement['info'], location: Location): Promise<boolean> {
  if (statusOf(location) === undefined) return false;
  return (await inSlices(inspecting(location, []))).narHash === narHash;
}
