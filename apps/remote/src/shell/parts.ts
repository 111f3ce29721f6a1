/** What the calls of this process work with. */
import type { RemoteMachine, schedulerContract, storeContract } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import type { RemoteSettings } from './settings.ts';

export interface RemoteParts {
  readonly settings: RemoteSettings;
  readonly machine: RemoteMachine;
  /** Its channel is that of the near side: what is leased to it goes when the near side goes. */
  readonly store: Client<typeof storeContract>;
  readonly scheduler: Client<typeof schedulerContract>;
}
