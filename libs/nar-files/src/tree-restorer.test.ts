import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { ByteString } from '@cooper/byte-string';
import { NarReader } from '@cooper/nar';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { dump } from '../../../test/support/dump.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { arbitraryTree, archiveOf, type Tree, tell } from '../../../test/support/tree.ts';
import { canonicalMetadata, plainMetadata, removeTree, restoreTree, type TreeMetadata } from './index.ts';

const openFiles = () => readdirSync('/proc/self/fd').length;
const file = (contents: Uint8Array, executable = false): Tree => ({ type: 'regular', executable, contents });

function directory(entries: Readonly<Record<string, Tree>>): Tree {
  return { type: 'directory', entries: new Map(Object.entries(entries) as [ByteString, Tree][]) };
}

function make(tree: Tree, path: string, metadata?: TreeMetadata): void {
  using restorer = restoreTree(path, metadata);
  tell(tree, restorer);
}

t.test('any tree comes back from the disk as it was', async (t) => {
  const area = temporaryDirectory(t, { inMemory: true });
  fc.assert(
    fc.property(arbitraryTree, fc.constantFrom(plainMetadata, canonicalMetadata), (tree, metadata) => {
      make(tree, `${area}/tree`, metadata);
      const isSame = dump(`${area}/tree`).equals(archiveOf(tree));
      removeTree(`${area}/tree`);
      return isSame;
    }),
    { numRuns: 300 },
  );
});

t.test('modes and times, whatever the umask', async (t) => {
  const area = temporaryDirectory(t);
  const tree = directory({
    executable: file(Buffer.from('x'), true),
    file: file(Buffer.from('x')),
    inner: directory({ large: file(Buffer.alloc(100_000)), run: file(Buffer.alloc(100_000), true) }),
    link: { type: 'symlink', target: 'file' as ByteString },
  });
  const umask = process.umask(0o077);
  t.teardown(() => process.umask(umask));
  make(tree, `${area}/plain`);
  make(tree, `${area}/canonical`, canonicalMetadata);
  checkModes(t, `${area}/plain`, plainMetadata);
  checkModes(t, `${area}/canonical`, canonicalMetadata);
  for (const name of ['', 'executable', 'file', 'inner', 'inner/large', 'link'])
    t.equal(lstatSync(`${area}/canonical/${name}`).mtimeMs, 1000, `time of ${name}`);
});

function checkModes(t: Test, path: string, metadata: TreeMetadata): void {
  const kinds = { '': 'directory', inner: 'directory', file: 'file', 'inner/large': 'file' } as const;
  const programs = { executable: 'executable', 'inner/run': 'executable' } as const;
  for (const [name, kind] of Object.entries({ ...kinds, ...programs }))
    t.equal(lstatSync(`${path}/${name}`).mode & 0o7777, metadata[kind], `${kind} ${name}`);
}

t.test('makes everything anew', async (t) => {
  const area = temporaryDirectory(t);
  writeFileSync(`${area}/canary`, 'alive');
  mkdirSync(`${area}/directory`);
  symlinkSync('canary', `${area}/link`);
  symlinkSync('nowhere', `${area}/dangling`);
  symlinkSync('directory', `${area}/link-to-directory`);
  const trees = { small: file(Buffer.from('x')), large: file(Buffer.alloc(100_000)), directory: directory({}) };
  const link: Tree = { type: 'symlink', target: 'x' as ByteString };
  const before = openFiles();
  for (const place of ['canary', 'directory', 'link', 'dangling', 'link-to-directory'])
    for (const [kind, tree] of Object.entries({ ...trees, link })) {
      const exists = { code: 'file-system-error', facts: { errorCode: 'EEXIST', path: `${area}/${place}` } };
      t.throws(() => make(tree, `${area}/${place}`), exists, `${kind} on ${place}`);
    }
  t.equal(readFileSync(`${area}/canary`, 'utf8'), 'alive');
  t.strictSame(readdirSync(`${area}/directory`), []);
  t.equal(readlinkSync(`${area}/dangling`), 'nowhere');
  t.equal(openFiles(), before, 'nothing is left open');
});

t.test('an announced size takes no disk, and what came so far can be removed', async (t) => {
  const area = temporaryDirectory(t);
  const before = openFiles();
  {
    using restorer = restoreTree(`${area}/tree`);
    restorer.directory();
    restorer.entry('file' as ByteString);
    restorer.file(false, 2n ** 62n);
    restorer.contents(Buffer.alloc(100_000));
    t.ok(lstatSync(`${area}/tree/file`).size <= 100_000);
    t.ok(lstatSync(`${area}/tree/file`).blocks * 512 < 1 << 20);
  }
  t.equal(openFiles(), before, 'nothing is left open');
  removeTree(`${area}/tree`);
  t.notOk(existsSync(`${area}/tree`));
});

t.test('contents in any chunks', async (t) => {
  const area = temporaryDirectory(t, { inMemory: true });
  for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
    const archive = archiveOf(directory({ a: file(Buffer.alloc(size, 'abcdefg')), b: file(Buffer.from('after')) }));
    for (const chunkSize of [1009, 65_536]) {
      {
        using restorer = restoreTree(`${area}/tree`);
        const reader = new NarReader(restorer);
        for (let at = 0; at < archive.length; at += chunkSize) reader.write(archive.subarray(at, at + chunkSize));
        reader.end();
      }
      t.ok(dump(`${area}/tree`).equals(archive), `${size} bytes in chunks of ${chunkSize}`);
      removeTree(`${area}/tree`);
    }
  }
});
