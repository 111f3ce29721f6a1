/** Cleans up what a builder that was killed has left: processes first, then directories. */
import { removeLeftover } from './build-directory.ts';
import type { BuildRecord } from './build-records.ts';
import { adoptControlGroup } from './control-group.ts';
import { killProcessesOf } from './processes.ts';
import type { Workshop } from './workshop.ts';

/** Kills what runs of earlier builds. Resolves when nothing does; directories go in the background. */
export async function cleanUp(workshop: Workshop): Promise<void> {
  for (const record of workshop.records.leftovers()) {
    await killLeftovers(record, workshop);
    removeLeftovers(record).catch((error: unknown) =>
      workshop.log.warning(
        `cannot clean up after an earlier build: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
  }
}

async function killLeftovers(record: BuildRecord, { users }: Workshop): Promise<void> {
  const { controlGroups = [], uid } = record.read();
  for (const trace of controlGroups) await adoptControlGroup(trace)?.end();
  if (uid === undefined || users === null) return;
  // Somebody who has the user now has seen to it.
  const release = users.takeId(uid);
  if (release === undefined) return;
  await killProcessesOf(uid);
  release();
}

async function removeLeftovers(record: BuildRecord): Promise<void> {
  const { directory } = record.read();
  if (directory !== undefined) await removeLeftover(directory);
  record.discard();
}
