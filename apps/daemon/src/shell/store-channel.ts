/** A channel to the store for one client: its leases go when it goes. */
import { redeem } from '@cooper/bulk';
import { storeContract } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import { type Client, connect } from '@cooper/ipc';

export interface StoreChannel {
  readonly store: Client<typeof storeContract>;
  /** Resolves when nothing is leased to it any more. */
  close(): Promise<void>;
}

/** Opens a channel beside the daemon's own. `client` is a name for people. */
export async function openStoreChannel(own: Client<typeof storeContract>, client: string): Promise<StoreChannel> {
  const ending = new AbortController();
  const opened = Promise.withResolvers<Client<typeof storeContract>>();
  const open = async (ticket: Parameters<typeof redeem>[0]) => {
    try {
      opened.resolve(await connect(storeContract, await redeem(ticket), { client }));
    } catch (error) {
      opened.reject(error);
    }
  };
  // It answers when the channel ends, which whoever uses the channel sees by itself.
  own.call('openChannel', {}, { onItem: open, signal: ending.signal }).catch(opened.reject);
  const store = await opened.promise;
  return {
    store,
    close: async () => {
      await store.call('releaseLeases', {}).catch(ignoreEnd);
      store.close();
      ending.abort();
    },
  };
}

/** A store that has ended has no leases. */
function ignoreEnd(error: unknown): void {
  if (!isFault(error)) throw error;
}
