/**
 * Gives the leases back that the scheduler has taken, whenever nobody wants anything of it: else a collection would keep
 * whatever was built since the scheduler was started.
 */
import type { storeContract } from '@cooper/contracts';
import { type Fault, isFault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import type { Effect } from '../core/effect.ts';
import type { Performer, Runner } from './runner.ts';

/** What leases something, in the store or for a build. */
const leasing: ReadonlySet<Effect['type']> = new Set(['add-leases', 'prepare-build', 'abandon-build']);

/** Watches the effects of `runner`. */
export function releaseLeasesWhenIdle(runner: Runner, store: Client<typeof storeContract>): Performer {
  let holdsLeases = false;
  runner.watch(() => {
    const { requests, goals } = runner.engine;
    if (!holdsLeases || requests.size > 0 || goals.size > 0) return;
    holdsLeases = false;
    store.call('releaseLeases', {}).catch(ignoreEnd);
  });
  return (effect) => {
    holdsLeases ||= leasing.has(effect.type);
  };
}

/** When the store ends, so do its leases, and the scheduler hears of it elsewhere. */
function ignoreEnd(error: unknown): void {
  if (!isFault(error as Fault, 'channel-closed')) throw error;
}
