/** What all sessions share: the daemon's channels, and what it was started with. */
import type { schedulerContract, storeContract } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import type { Log } from '@cooper/log';
import type { DaemonDefaults } from '../core/session-settings.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { Session } from './session.ts';
import type { Users } from './users.ts';

export interface Site {
  readonly storeDir: string;
  readonly defaults: DaemonDefaults;
  readonly collection: { readonly keepOutputs: boolean; readonly keepDerivations: boolean };
  /** The user whose clients may do what root's may: who started the daemon. */
  readonly owner: number;
  readonly store: Client<typeof storeContract>;
  readonly scheduler: Client<typeof schedulerContract>;
  readonly users: Users;
  readonly budget: MemoryBudget;
  /** Sessions that have ended and are giving their leases back: collections wait for them. */
  readonly endings: Set<Promise<void>>;
  readonly sessions: Set<Session>;
  readonly log: Log;
}
