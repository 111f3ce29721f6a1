/** Archives made to deceive write nothing outside their destination, whether they are refused or not. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { isFault } from '@cooper/fault';
import { NarReader } from '@cooper/nar';
import t from 'tap';
import { dump } from '../../../test/support/dump.ts';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { removeTree, restoreTree } from './index.ts';

interface Verdict {
  readonly file: string;
  readonly what: string;
  readonly aSafeReaderShould: string;
}

/** How much disk a refused archive may have taken, in bytes: what came of it, not what it announced. */
const mostTaken = 1 << 20;

const archives = readGoldenBundle('evil-nar/archives.tar.zst');
const verdicts = readGoldenJson<readonly Verdict[]>('evil-nar/verdicts.json.zst');

const area = temporaryDirectory(t, { inMemory: true });
const destination = `${area}/inner/destination`;
mkdirSync(`${area}/inner`);
writeFileSync(`${area}/canary`, 'alive');
symlinkSync('canary', `${area}/link`);

function restore(archive: Uint8Array): void {
  using restorer = restoreTree(destination);
  const reader = new NarReader(restorer);
  reader.write(archive);
  reader.end();
}

/** True when the archive was restored whole. */
function isTaken(archive: Uint8Array): boolean {
  try {
    restore(archive);
    return true;
  } catch (error) {
    if (isFault(error, 'invalid-nar')) return false;
    throw error;
  }
}

const snapshot = () => [
  readdirSync(area),
  readdirSync(`${area}/inner`).filter((name) => name !== 'destination'),
  readFileSync(`${area}/canary`, 'utf8'),
  lstatSync(`${area}/canary`).ino,
  lstatSync(area).mtimeMs,
];
const before = snapshot();

for (const { file, what, aSafeReaderShould } of verdicts) {
  const archive = archives.get(file.replace(/\.gz$/, ''));
  if (archive === undefined) throw new Error(`${file} is not in the bundle`);
  const taken = isTaken(archive);
  t.equal(taken, aSafeReaderShould !== 'refuse', `${what} (${file})`);
  t.strictSame(snapshot(), before, 'nothing outside has changed');
  if (taken) t.ok(dump(destination).equals(archive));
  const freed = removeTree(destination);
  if (!taken && archive.length < mostTaken) t.ok(freed < mostTaken, `${freed} bytes were taken`);
  t.notOk(readdirSync(`${area}/inner`).length, 'and it goes away whole');
}
