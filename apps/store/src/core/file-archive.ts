/** The archive of one file whose contents are at hand: only its hash and size are wanted. */
import { createHasher, formatPrefixedHash } from '@cooper/hash';
import { NarWriter } from '@cooper/nar';

/** What stands around the contents, taken from the archive of an empty file: its length is in the last 8 bytes before. */
const empty = archiveOfEmptyFile();
const closing = Buffer.from('\x01\0\0\0\0\0\0\0)\0\0\0\0\0\0\0', 'latin1');
const opening = empty.subarray(0, empty.length - closing.length - 8);

/** Hash and size of the archive of a file, not executable, with these contents. */
export function fileArchive(contents: Uint8Array): { readonly narHash: string; readonly narSize: number } {
  const length = Buffer.alloc(8);
  length.writeUInt32LE(contents.length);
  const padding = Buffer.alloc((8 - (contents.length & 7)) & 7);
  const hasher = createHasher('sha256');
  let narSize = 0;
  for (const part of [opening, length, contents, padding, closing]) {
    hasher.update(part);
    narSize += part.length;
  }
  return { narHash: formatPrefixedHash(hasher.digest(), 'base16'), narSize };
}

function archiveOfEmptyFile(): Buffer {
  const pieces: Uint8Array[] = [];
  const writer = new NarWriter((piece) => pieces.push(piece));
  writer.file(false, 0);
  writer.endFile();
  writer.flush();
  return Buffer.concat(pieces);
}
