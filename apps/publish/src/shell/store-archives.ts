/** The archives of store items, as they come from the store. */

import { receiveBytes } from '@cooper/bulk';
import type { storeContract, Ticket } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import { Turns } from './turns.ts';

export type Store = Client<typeof storeContract>;

export interface ArchiveWish {
  readonly path: StorePath;
  readonly signal: AbortSignal;
}

export type ArchiveUse = (bytes: AsyncIterable<Buffer>) => Promise<void>;

/** The store reads and hashes each archive itself, and has builds to serve. */
const turns = new Turns(32);

/**
 * Has `use` read the archive of a valid path. What it reads ends only when the store has found the archive to be what was
 * registered, and fails otherwise. Throws the faults `path-not-valid`, `path-corrupt` and `cancelled`.
 */
export function withArchive(store: Store, wish: ArchiveWish, use: ArchiveUse): Promise<void> {
  return turns.take(wish.signal, () => transfer(store, wish, use));
}

async function transfer(store: Store, { path, signal }: ArchiveWish, use: ArchiveUse): Promise<void> {
  let transferred: Promise<void> | undefined;
  const onItem = (ticket: Ticket) => {
    transferred = receiveBytes(ticket, (bytes) => use(untilDone(bytes, call)));
    // It is waited for below; until then, nobody is there to be told.
    transferred.catch(() => undefined);
  };
  const call = store.call('dumpPath', { path }, { onItem, signal });
  try {
    await call;
  } finally {
    await transferred;
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
