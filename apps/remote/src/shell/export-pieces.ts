/** Archives of the store on their way to the near side: one signed export stream, in pieces, compressed if need be. */
import { Readable } from 'node:stream';
import { createZstdCompress } from 'node:zlib';
import { receiveBytes } from '@cooper/bulk';
import { longestPiece, type Ticket, type TransferCompression } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { RemoteParts } from './parts.ts';

export interface ExportWish {
  /** References first. */
  readonly paths: readonly StorePath[];
  readonly compression: TransferCompression;
  readonly signal: AbortSignal;
}

/** Sends what the wish says; the next piece is asked for when `send` has resolved. */
export async function sendArchives(
  store: RemoteParts['store'],
  { paths, compression, signal }: ExportWish,
  send: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  const passOn = async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of compression === 'none' ? bytes : compressed(bytes)) {
      for (let from = 0; from < chunk.length; from += longestPiece)
        await send(chunk.subarray(from, from + longestPiece));
    }
  };
  let received: Promise<void> | undefined;
  const onItem = (ticket: Ticket) => {
    received = receiveBytes(ticket, passOn);
    // It is waited for below; until then, nobody is there to be told.
    received.catch(() => undefined);
  };
  try {
    await store.call('exportPaths', { paths, sign: true }, { onItem, signal });
  } finally {
    await received;
  }
}

function compressed(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return Readable.from(bytes).compose(createZstdCompress()) as unknown as AsyncIterable<Buffer>;
}
