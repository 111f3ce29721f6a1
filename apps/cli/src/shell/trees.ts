/** Trees of this machine on their way into a store. */
import { open } from 'node:fs/promises';
import { sendBytes } from '@cooper/bulk';
import type { Ticket } from '@cooper/contracts';
import { NarWriter } from '@cooper/nar';
import { dumpTree } from '@cooper/nar-files';

/** Sends the tree at `file`, as it is. */
export function sendTree(ticket: Ticket, file: string): Promise<void> {
  return sendBytes(ticket, dumpTree(file));
}

/** Sends the contents of the regular file at `file`, as a file that is not executable. */
export function sendFlatFile(ticket: Ticket, file: string): Promise<void> {
  return sendBytes(ticket, flatArchive(file));
}

async function* flatArchive(file: string): AsyncGenerator<Uint8Array> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const pieces: Uint8Array[] = [];
  const writer = new NarWriter((piece) => pieces.push(piece));
  writer.file(false, size);
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    writer.contents(chunk as Buffer);
    yield* pieces.splice(0);
  }
  writer.endFile();
  writer.flush();
  yield* pieces;
}
