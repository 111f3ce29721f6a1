/** The references that Nix registered for outputs it built are those that the scanner finds in their archives. */
import t from 'tap';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { ReferenceScanner } from './reference-scanner.ts';

interface RecordedReferences {
  readonly storeDir: string;
  readonly cases: readonly RecordedCase[];
}

interface RecordedCase {
  readonly name: string;
  readonly nar: string;
  readonly candidates: readonly string[];
  readonly references: readonly string[];
}

const { storeDir, cases } = readGoldenJson<RecordedReferences>('references/references.json');
const archives = readGoldenBundle('references/nar.tar.zst');

const hashPart = (path: string) => path.slice(storeDir.length + 1, storeDir.length + 33);

function scan(archive: Uint8Array, recorded: RecordedCase, chunkSize: number): string[] {
  const scanner = new ReferenceScanner(recorded.candidates.map(hashPart));
  for (let at = 0; at < archive.length; at += chunkSize) scanner.push(archive.subarray(at, at + chunkSize));
  return scanner.found().sort();
}

t.equal(cases.length, 72, 'the whole recording is here');
for (const recorded of cases) {
  const archive = archives.get(recorded.nar);
  if (archive === undefined) throw new Error(`${recorded.nar} is not in the bundle`);
  const expected = recorded.references.map(hashPart).sort();
  for (const chunkSize of [archive.length, 65536, 4096, 33, 31])
    t.strictSame(scan(archive, recorded, chunkSize), expected, `${recorded.name}, in chunks of ${chunkSize}`);
}
t.strictSame(
  cases.filter((recorded) => recorded.references.length === 0).length > 5,
  true,
  'near misses are among them',
);
