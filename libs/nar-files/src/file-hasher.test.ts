import { mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { fromText } from '@cooper/byte-string';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { FileHasher } from './file-hasher.ts';
import { hashTree } from './tree-dump.ts';

t.test('the hash of a file is that of its archive, whatever its size', async (t) => {
  const area = temporaryDirectory(t);
  const directory = openSync(area, 'r');
  const hasher = new FileHasher();
  const sizes = [0, 1, 7, 8, 4096, 16_384, 256 * 1024 - 1, 256 * 1024, 1_000_003];
  for (const size of sizes) {
    for (const mode of [0o444, 0o555]) {
      const name = `f${size}-${mode}`;
      writeFileSync(`${area}/${name}`, Buffer.alloc(size, name), { mode });
      t.same(hasher.hash(directory, fromText(name)), hashTree(`${area}/${name}`).hash, name);
    }
  }
});

t.test('what is no file, or not there', async (t) => {
  const area = temporaryDirectory(t);
  const directory = openSync(area, 'r');
  mkdirSync(`${area}/directory`);
  symlinkSync('directory', `${area}/link`);
  const hasher = new FileHasher();
  t.same(hasher.hash(directory, fromText('directory')), hashTree(`${area}/directory`).hash);
  t.throws(() => hasher.hash(directory, fromText('link')), { code: 'ELOOP' });
  t.throws(() => hasher.hash(directory, fromText('nothing')), { code: 'ENOENT' });
});
