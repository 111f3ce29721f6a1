/** The archive of one file that is at hand: only its hash and size are wanted. */
import { createHasher, formatPrefixedHash } from '@cooper/hash';
import { NarWriter } from '@cooper/nar';

/** Hash and size of the archive of a file, not executable, with these contents. */
export function fileArchive(contents: Uint8Array): { readonly narHash: string; readonly narSize: number } {
  const hasher = createHasher('sha256');
  let narSize = 0;
  const writer = new NarWriter((piece) => {
    hasher.update(piece);
    narSize += piece.length;
  });
  writer.file(false, contents.length);
  if (contents.length > 0) writer.contents(contents);
  writer.endFile();
  writer.flush();
  return { narHash: formatPrefixedHash(hasher.digest(), 'base16'), narSize };
}
