/** Archives for trials. */
import { fromText } from '@cooper/byte-string';
import { NarWriter } from '@cooper/nar';

/** The NAR of a directory of regular files, with names in order. */
export function directoryArchive(files: Readonly<Record<string, string>>): Buffer {
  return archive((writer) => {
    writer.directory();
    for (const [name, contents] of Object.entries(files)) {
      writer.entry(fromText(name));
      writer.file(false, contents.length);
      writer.contents(Buffer.from(contents));
      writer.endFile();
    }
    writer.leave();
  });
}

function archive(write: (writer: NarWriter) => void): Buffer {
  const pieces: Buffer[] = [];
  const writer = new NarWriter((piece) => void pieces.push(Buffer.from(piece)));
  write(writer);
  writer.flush();
  return Buffer.concat(pieces);
}
