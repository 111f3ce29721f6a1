/** Archives that Nix made become trees on disk, and those trees the same archives again. */

import { NarReader } from '@cooper/nar';
import t from 'tap';
import { dump } from '../../../test/support/dump.ts';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { canonicalMetadata, copyTree, hashTree, plainMetadata, restoreTree } from './index.ts';

interface RecordedArchive {
  readonly name: string;
  readonly nar: string;
  readonly narSize: number;
  readonly narSha256: string;
}

const bundle = readGoldenBundle('nar/archives.tar.zst');

for (const { name, nar, narSize, narSha256 } of readGoldenJson<readonly RecordedArchive[]>('nar/nars.json')) {
  t.test(name, async (t) => {
    const archive = bundle.get(nar) ?? t.fail(`${nar} is not in the bundle`);
    if (typeof archive === 'boolean') return;
    const directory = temporaryDirectory(t);
    for (const [kind, metadata] of Object.entries({ canonicalMetadata, plainMetadata })) {
      const path = `${directory}/${kind}`;
      using restorer = restoreTree(path, metadata);
      const reader = new NarReader(restorer);
      reader.write(archive);
      reader.end();
      t.ok(dump(path).equals(archive), `${kind}: dumped byte for byte`);
      const { hash, size } = hashTree(path);
      t.equal(Buffer.from(hash.digest).toString('hex'), narSha256);
      t.equal(size, narSize);
    }
    copyTree(`${directory}/canonicalMetadata`, `${directory}/copy`);
    t.ok(dump(`${directory}/copy`).equals(archive), 'the copy, too');
  });
}
