/** Archives made to deceive a reader are refused, and the strange but good ones among them are taken. */
import { isFault } from '@cooper/fault';
import t from 'tap';
import { inChunks } from '../../../test/support/arbitrary-chunks.ts';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { NarReader } from './nar-reader.ts';
import { NarWriter } from './nar-writer.ts';

interface Verdict {
  readonly file: string;
  readonly what: string;
  readonly aSafeReaderShould: string;
}

const archives = readGoldenBundle('evil-nar/archives.tar.zst');
const verdicts = readGoldenJson<readonly Verdict[]>('evil-nar/verdicts.json.zst');

/** The message that refuses an archive, or undefined when it is taken; then it must be what the writer makes of it. */
function refusal(chunks: readonly Uint8Array[]): string | undefined {
  const pieces: Uint8Array[] = [];
  const writer = new NarWriter((piece) => pieces.push(Buffer.from(piece)));
  const reader = new NarReader(writer);
  try {
    for (const chunk of chunks) reader.write(chunk);
    reader.end();
  } catch (error) {
    if (isFault(error, 'invalid-nar') && typeof error.facts['offset'] === 'number') return error.message;
    throw error;
  }
  writer.flush();
  if (!Buffer.concat(pieces).equals(Buffer.concat(chunks))) throw new Error('taken, but not canonical');
  return undefined;
}

t.equal(verdicts.length, 199, 'the whole recording is here');
for (const { file, what, aSafeReaderShould } of verdicts) {
  const archive = archives.get(file.replace(/\.gz$/, ''));
  if (archive === undefined) throw new Error(`${file} is not in the bundle`);
  const message = refusal([archive]);
  if (aSafeReaderShould === 'refuse') t.ok(message, `${what}: ${message}`);
  else t.equal(message, undefined, what);
  const small = archive.length < 100_000 ? [1, 3, 64] : [4097];
  for (const size of small)
    t.equal(refusal(inChunks(archive, size)), message, `${file}: the same in chunks of ${size}`);
}
