/** Has equal files of the whole store share their blocks, item by item, beside everything else. */
import type { storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Call } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { World } from './world.ts';

type OptimiseCall = Pick<Call<typeof storeContract, 'optimise'>, 'send' | 'signal'>;

/** How many items are dealt with between two messages of progress. */
const batch = 64;

/** Gives how many files were linked, and the bytes freed on disk. Throws the fault `cancelled`. */
export async function optimiseStore(
  { paths, store, deduplicator }: World,
  call: OptimiseCall,
): Promise<{ readonly filesLinked: number; readonly bytesFreed: number }> {
  const total = paths.count();
  let [checked, filesLinked, bytesFreed] = [0, 0, 0];
  for (let last: StorePath | '' = ''; ; ) {
    if (call.signal.aborted) throw new Fault('cancelled', 'the optimisation was cancelled');
    const next: StorePath[] = paths.after(last, batch);
    if (next.length === 0) return { filesLinked, bytesFreed };
    const answers = await Promise.all(next.map((path) => deduplicator.item(store.locate(path))));
    for (const { files, bytes } of answers) {
      filesLinked += files;
      bytesFreed += bytes;
    }
    checked += next.length;
    await call.send({ checked, total: Math.max(total, checked), bytesFreed });
    last = next.at(-1) as StorePath;
  }
}
