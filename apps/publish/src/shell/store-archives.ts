/** The archives of store items, as they come from the store. */

import { receiveBytes } from '@cooper/bulk';
import type { storeContract, Ticket } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';

export type Store = Client<typeof storeContract>;

/**
 * Has `use` read the archive of a valid path. What it reads ends only when the store has found the archive to be what was
 * registered, and fails otherwise. Throws the faults `path-not-valid`, `path-corrupt` and `cancelled`.
 */
export async function withArchive(
  store: Store,
  { path, signal }: { readonly path: StorePath; readonly signal: AbortSignal },
  use: (bytes: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  let transfer: Promise<void> | undefined;
  const onItem = (ticket: Ticket) => {
    transfer = receiveBytes(ticket, (bytes) => use(untilDone(bytes, call)));
    // It is waited for below; until then, nobody is there to be told.
    transfer.catch(() => undefined);
  };
  const call = store.call('dumpPath', { path }, { onItem, signal });
  try {
    await call;
  } finally {
    await transfer;
  }
}

/** The last piece is held back until the store is content: who counts bytes must not take them for all, either. */
async function* untilDone(bytes: AsyncIterable<Buffer>, call: Promise<unknown>): AsyncGenerator<Buffer> {
  let last: Buffer | undefined;
  for await (const piece of bytes) {
    if (last !== undefined) yield last;
    last = piece;
  }
  await call;
  if (last !== undefined) yield last;
}
