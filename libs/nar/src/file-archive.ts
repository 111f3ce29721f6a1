/** The archive of one regular file whose contents are at hand. */
import { NarWriter } from './nar-writer.ts';

/** The whole NAR of a file with these contents; text is UTF-8. */
export function fileArchive(contents: string | Uint8Array, executable = false): Buffer {
  const bytes = Buffer.from(contents);
  const pieces: Buffer[] = [];
  const writer = new NarWriter((piece) => void pieces.push(Buffer.from(piece)));
  writer.file(executable, bytes.length);
  if (bytes.length > 0) writer.contents(bytes);
  writer.endFile();
  writer.flush();
  return Buffer.concat(pieces);
}
