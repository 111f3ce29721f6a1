/** The channels on which the store contract is served: those that clients make, and those that clients open for others. */
import type { Duplex } from 'node:stream';
import { storeContract } from '@cooper/contracts';
import { serve } from '@cooper/ipc';
import { bugReporter, type Log } from '@cooper/log';
import type { StoreParts } from './parts.ts';
import { StoreService } from './service.ts';

interface Serving {
  readonly name: string;
  readonly log: Log;
}

/** Serves the contract on `stream`. Resolves when it has ended, with the fault that ended it, if one did. */
export async function serveStore(parts: StoreParts, stream: Duplex, serving: Serving): Promise<unknown> {
  const service = new StoreService(parts, (further) => serveStore(parts, further, serving));
  const onBug = bugReporter(serving.log);
  const channel = serve(storeContract, service.handlers, stream, { server: serving.name, onBug });
  const end = await channel.settled;
  service.channelClosed();
  return end;
}
