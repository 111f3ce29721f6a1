/** Archives of the store on their way to the near side: one signed export stream, in pieces, compressed if need be. */
import type { Readable } from 'node:stream';
import { inPieces, receiveBytes } from '@cooper/bulk';
import { longestPiece, type TransferCompression } from '@cooper/contracts';
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
    for await (const piece of inPieces(bytes as Readable, { compression, size: longestPiece })) await send(piece);
  };
  await store.call('exportPaths', { paths, sign: true }, { onItem: (ticket) => receiveBytes(ticket, passOn), signal });
}
