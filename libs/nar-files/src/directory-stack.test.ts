/**
 * Deep trees with branches on every level: what is closed on the way down is opened again on the way up, in its place.
 */
import { lstatSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { type ByteString, compareBytes } from '@cooper/byte-string';
import t from 'tap';
import { dump } from '../../../test/support/dump.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { archiveOf, type Tree } from '../../../test/support/tree.ts';
import { canonicaliseTree, copyTree, removeTree, treeScanning } from './index.ts';

/** Far more than are open at a time, and still within one path. */
const depth = 300;

/** Makes a tree whose every level has a branch before and one after the way down. */
function makeBranches(path: string, level: number): Tree {
  mkdirSync(path);
  const entries = new Map<ByteString, Tree>();
  for (const name of ['a', 'z'] as ByteString[]) {
    mkdirSync(`${path}/${name}`);
    writeFileSync(`${path}/${name}/file`, String(level));
    const file: Tree = { type: 'regular', executable: false, contents: Buffer.from(String(level)) };
    entries.set(name, { type: 'directory', entries: new Map([['file' as ByteString, file]]) });
  }
  if (level < depth) entries.set('m' as ByteString, makeBranches(`${path}/m`, level + 1));
  return { type: 'directory', entries: new Map([...entries].sort(([a], [b]) => compareBytes(a, b))) };
}

function everyPath(path: string): string[] {
  const names = lstatSync(path).isDirectory() ? readdirSync(path) : [];
  return [path, ...names.flatMap((name) => everyPath(`${path}/${name}`))];
}

t.test('every branch is visited, once', async (t) => {
  const area = temporaryDirectory(t, { inMemory: true });
  const archive = archiveOf(makeBranches(`${area}/tree`, 1));
  t.ok(dump(`${area}/tree`).equals(archive), 'dumped');
  copyTree(`${area}/tree`, `${area}/copy`);
  t.ok(dump(`${area}/copy`).equals(archive), 'copied');
  canonicaliseTree(`${area}/tree`);
  const paths = everyPath(`${area}/tree`);
  t.equal(paths.length, depth * 5);
  t.ok(
    paths.every((path) => lstatSync(path).mtimeMs === 1000),
    'canonicalised',
  );
  removeTree(`${area}/tree`);
  removeTree(`${area}/copy`);
  t.strictSame(readdirSync(area), [], 'removed');
});

t.test('a tree that is moved apart while it is read is refused', async (t) => {
  const area = temporaryDirectory(t, { inMemory: true });
  makeBranches(`${area}/tree`, 1);
  writeFileSync(`${area}/tree${'/m'.repeat(depth - 1)}/large`, Buffer.alloc(1_000_000));
  const steps = treeScanning(`${area}/tree`, []);
  for (let step = steps.next(); !step.done && step.value < 300_000; ) step = steps.next();
  renameSync(`${area}/tree/m/m/m`, `${area}/elsewhere`);
  t.throws(() => [...steps], { code: 'tree-changed' });
});
