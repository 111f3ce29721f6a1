/**
 * What a start does about what an earlier process left: whatever stands in the journal and is not registered goes, and so
 * does everything in staging.
 */
import { journalName } from './journal.ts';
import { PathLocks } from './path-lock.ts';
import type { World } from './world.ts';

/** Cleans up. Items that another program has locked are left to it. */
export function recover({ journal, paths, staging, store }: World): void {
  for (const path of journal.left()) {
    const locks = new PathLocks(store.descriptor);
    if (locks.take([path]) !== undefined) continue;
    if (!paths.isValid(path)) staging.discard(store.locate(path));
    locks.release();
  }
  journal.start();
  staging.clear([journalName]);
}
