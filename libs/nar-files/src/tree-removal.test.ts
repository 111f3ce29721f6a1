import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ByteString } from '@cooper/byte-string';
import { close, O_PATH, openPath } from '@cooper/system-calls';
import t from 'tap';
import { makeDeepTree, makeStrangeTree, makeWideTree } from '../../../test/support/hostile-tree.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { removeTree, treeRemoval } from './tree-removal.ts';

const openFiles = () => readdirSync('/proc/self/fd').length;

t.test('removes files, directories and symlinks, and says what that frees', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree/inner`, { recursive: true });
  writeFileSync(`${area}/tree/inner/file`, Buffer.alloc(100_000));
  symlinkSync('inner', `${area}/tree/link`);
  const allocated = ['tree', 'tree/inner', 'tree/inner/file', 'tree/link']
    .map((name) => lstatSync(`${area}/${name}`).blocks * 512)
    .reduce((a, b) => a + b);
  t.equal(removeTree(`${area}/tree`), allocated);
  t.strictSame(readdirSync(area), []);
  writeFileSync(`${area}/file`, 'x');
  t.ok(removeTree(`${area}/file`) > 0, 'a tree may be one file');
  t.equal(removeTree(`${area}/file`), 0, 'what is not there is removed already');
  t.throws(() => removeTree(`${area}/nowhere/file`), { code: 'file-system-error', facts: { errorCode: 'ENOENT' } });
});

t.test('a file that has another name frees nothing', async (t) => {
  const area = temporaryDirectory(t);
  writeFileSync(`${area}/kept`, Buffer.alloc(10_000));
  linkSync(`${area}/kept`, `${area}/name`);
  t.equal(removeTree(`${area}/name`), 0);
  t.ok(existsSync(`${area}/kept`));
});

t.test('symlinks are removed, not followed', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/kept`);
  writeFileSync(`${area}/kept/canary`, 'alive');
  mkdirSync(`${area}/tree`);
  symlinkSync('../kept', `${area}/tree/link`);
  symlinkSync('kept', `${area}/top`);
  removeTree(`${area}/tree`);
  removeTree(`${area}/top`);
  t.strictSame(readdirSync(`${area}/kept`), ['canary']);
  t.strictSame(readdirSync(area), ['kept']);
});

t.test('S09, S10: strange names, FIFOs, sockets, directories without permissions', async (t) => {
  const area = temporaryDirectory(t);
  makeStrangeTree(`${area}/tree`);
  removeTree(`${area}/tree`);
  t.strictSame(readdirSync(area), []);
});

t.test('S09: 100,000 directories inside each other', async (t) => {
  const area = temporaryDirectory(t, { inMemory: true });
  makeDeepTree(`${area}/tree`, 100_000);
  const before = openFiles();
  let most = 0;
  for (const _ of treeRemoval(`${area}/tree`)) most = Math.max(most, openFiles());
  t.strictSame(readdirSync(area), []);
  t.ok(most - before < 40, `${most - before} directories were open at a time`);
  t.equal(openFiles(), before, 'and none is left open');
});

t.test('200,000 entries in one directory', async (t) => {
  const area = temporaryDirectory(t, { inMemory: true });
  makeWideTree(`${area}/tree`, 200_000);
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  for (const _ of treeRemoval(`${area}/tree`)) most = Math.max(most, process.memoryUsage().heapUsed - before);
  t.strictSame(readdirSync(area), []);
  t.ok(most < 64 << 20, `the heap grew by ${most >> 20} MiB`);
});

t.test('within the limit on descriptors', async (t) => {
  const area = temporaryDirectory(t, { inMemory: true });
  makeDeepTree(`${area}/tree`, 2000);
  const script = fileURLToPath(new URL('../../../test/support/tree-operation.ts', import.meta.url));
  const command = `ulimit -n 80 && exec "$0" "$@"`;
  const { status, stderr } = spawnSync('bash', ['-c', command, process.execPath, script, 'remove', `${area}/tree`]);
  t.equal(status, 0, stderr.toString());
  t.strictSame(readdirSync(area), []);
});

t.test('ended early, it closes what it holds open', async (t) => {
  const area = temporaryDirectory(t);
  makeDeepTree(`${area}/tree`, 1000);
  const before = openFiles();
  const removal = treeRemoval(`${area}/tree`);
  removal.next();
  t.ok(openFiles() > before);
  removal.return(0);
  t.equal(openFiles(), before);
  removeTree(`${area}/tree`);
  t.notOk(existsSync(`${area}/tree`), 'and can be done again');
});

t.test('S08: a directory that is moved out of the tree meanwhile stops it', async (t) => {
  const area = temporaryDirectory(t);
  makeDeepTree(`${area}/tree`, 1000);
  mkdirSync(`${area}/elsewhere`);
  writeFileSync(`${area}/elsewhere/canary`, 'alive');
  const removal = treeRemoval(`${area}/tree`);
  removal.next();
  renameSync(`${area}/tree/d/d/d`, `${area}/elsewhere/d`);
  t.throws(() => [...removal], { code: 'tree-changed' });
  t.ok(existsSync(`${area}/elsewhere/canary`));
});

t.test('a name in an open directory, of any bytes', async (t) => {
  const area = temporaryDirectory(t);
  const name = 'n\xff' as ByteString;
  mkdirSync(Buffer.from(`${area}/${name}`, 'latin1'));
  const directory = openPath(area, O_PATH);
  removeTree({ directory, name });
  close(directory);
  t.strictSame(readdirSync(area), []);
  const places = ['', '/', '//', '.', '..', `${area}/..`, `${area}/.`, `${area}/../`];
  for (const place of places)
    t.throws(() => removeTree(place), { code: 'invalid-tree-location' }, JSON.stringify(place));
  for (const bad of ['', '.', '..', 'a/b'] as ByteString[])
    t.throws(() => removeTree({ directory: -100, name: bad }), { code: 'invalid-tree-location' }, JSON.stringify(bad));
  mkdirSync(`${area}/tree`);
  removeTree(Buffer.from(`${area}/tree//`));
  t.strictSame(readdirSync(area), [], 'slashes at the end do not matter');
});
