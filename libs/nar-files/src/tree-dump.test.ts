import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import type { NarSink } from '@cooper/nar';
import { AT_FDCWD, mknodat, S_IFIFO, S_IFSOCK } from '@cooper/system-calls';
import t from 'tap';
import { dump } from '../../../test/support/dump.ts';
import { makeDeepTree } from '../../../test/support/hostile-tree.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { dumpTree, hashAndScanTree, hashTree, treeScanning } from './tree-dump.ts';
import { walkTree } from './tree-walk.ts';

const part = 'k2l9a3v0x7n1q8b5d4f6g0h3i9j2m1p7';
const other = '0000000000000000000000000000000z';
const openFiles = () => readdirSync('/proc/self/fd').length;

t.test('hash, size and references are those of the archive', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree`);
  writeFileSync(`${area}/tree/file`, `see /gnu/store/${part}-x`);
  const archive = dump(`${area}/tree`);
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const { hash, size, references } = hashAndScanTree(`${area}/tree`, [other, part], { algorithm });
    t.equal(Buffer.from(hash.digest).toString('hex'), createHash(algorithm).update(archive).digest('hex'));
    t.equal(size, archive.length);
    t.strictSame(references, [part]);
  }
  t.strictSame(hashTree(`${area}/tree`).size, archive.length);
});

t.test('references are found in names and targets, not across files', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree`);
  symlinkSync(`/gnu/store/${part}-x`, `${area}/tree/link`);
  writeFileSync(`${area}/tree/${other}`, '');
  const third = `1${part.slice(1)}`;
  writeFileSync(`${area}/tree/y1`, third.slice(0, 16));
  writeFileSync(`${area}/tree/y2`, third.slice(16));
  t.strictSame(hashAndScanTree(`${area}/tree`, [part, other, third]).references, [part, other]);
});

t.test('what an archive cannot hold is refused, by name, and not opened', async (t) => {
  const area = temporaryDirectory(t);
  for (const [name, type] of Object.entries({ fifo: S_IFIFO, socket: S_IFSOCK })) {
    mkdirSync(`${area}/${name}`);
    mknodat(AT_FDCWD, `${area}/${name}/x`, type | 0o600);
    const expected = { code: 'unsupported-file-type', facts: { path: `${area}/${name}/x`, type: name } };
    t.throws(() => hashTree(`${area}/${name}`), expected);
    t.throws(() => hashTree(`${area}/${name}/x`), expected, 'at the top, too');
  }
});

t.test('a file that grows or shrinks while it is read is refused', async (t) => {
  const area = temporaryDirectory(t);
  const before = openFiles();
  for (const change of [() => appendFileSync(`${area}/file`, 'more'), () => truncateSync(`${area}/file`, 600_000)]) {
    writeFileSync(`${area}/file`, Buffer.alloc(1_000_000));
    const pieces = dumpTree(`${area}/file`);
    pieces.next();
    change();
    t.throws(() => [...pieces], { code: 'file-changed', facts: { path: `${area}/file` } });
  }
  t.equal(openFiles(), before, 'and closed');
});

t.test('ended early, it closes what it holds open', async (t) => {
  const area = temporaryDirectory(t);
  makeDeepTree(`${area}/tree`, 100);
  writeFileSync(`${area}/file`, Buffer.alloc(1_000_000));
  const before = openFiles();
  for (const name of ['tree', 'file']) {
    const steps = treeScanning(`${area}/${name}`, []);
    steps.next();
    steps.return(undefined as never);
    t.equal(openFiles(), before, name);
  }
});

t.test('sizes around those at which files are read in pieces', async (t) => {
  const area = temporaryDirectory(t);
  for (const size of [0, 1, 65_535, 65_536, 262_143, 262_144, 262_145, 524_288]) {
    const contents = Buffer.alloc(size, 'abcdefg');
    writeFileSync(`${area}/file`, contents);
    const archive = dump(`${area}/file`);
    t.ok(archive.subarray(96, 96 + size).equals(contents), `${size} bytes`);
    t.equal(archive.readUInt32LE(88), size);
  }
});

t.test('as deep as archives may be, and no deeper', async (t) => {
  const area = temporaryDirectory(t, { inMemory: true });
  makeDeepTree(`${area}/deepest`, 4096);
  t.ok(hashTree(`${area}/deepest`).size > 4096 * 100);
  makeDeepTree(`${area}/deeper`, 4097);
  t.throws(() => hashTree(`${area}/deeper`), { code: 'tree-too-deep' });
});

t.test('only what one user owns, where that is asked for', async (t) => {
  const area = temporaryDirectory(t);
  const ownerUid = (process.geteuid?.() ?? 0) + 1;
  writeFileSync(`${area}/file`, 'x');
  writeFileSync(`${area}/large`, Buffer.alloc(300_000));
  symlinkSync('file', `${area}/link`);
  mkdirSync(`${area}/directory`);
  for (const name of ['file', 'large', 'link', 'directory']) {
    t.throws(() => hashTree(`${area}/${name}`, { ownerUid }), { code: 'suspicious-ownership' }, name);
    hashTree(`${area}/${name}`, { ownerUid: ownerUid - 1 });
  }
});

t.test('an error names the file that it is about', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree/inner`, { recursive: true });
  for (const name of ['a', 'b', 'inner/c', 'inner/d', 'z']) writeFileSync(`${area}/tree/${name}`, 'x');
  const sink: NarSink = {
    ...{ directory() {}, entry() {}, leave() {}, file() {}, contents() {}, endFile() {}, symlink() {} },
    entry: (name) => name === 'd' && unlinkSync(`${area}/tree/inner/d`),
  };
  const expected = {
    code: 'file-system-error',
    message: /^cannot read .*\/tree\/inner\/d: ENOENT/,
    facts: { path: `${area}/tree/inner/d`, errorCode: 'ENOENT', systemCall: 'openat' },
  };
  t.throws(() => [...walkTree(`${area}/tree`, sink)], expected);
  t.throws(() => hashTree(`${area}/nothing`), {
    code: 'file-system-error',
    facts: { path: `${area}/nothing`, errorCode: 'ENOENT' },
  });
});

t.test('only the permission of the owner makes a file executable', async (t) => {
  const area = temporaryDirectory(t);
  writeFileSync(`${area}/file`, 'x');
  const plain = hashTree(`${area}/file`).size;
  for (const [mode, isExecutable] of [
    [0o655, false],
    [0o611, false],
    [0o700, true],
    [0o4555, true],
  ] as const) {
    chmodSync(`${area}/file`, mode);
    t.equal(hashTree(`${area}/file`).size > plain, isExecutable, mode.toString(8));
  }
});

t.test('a file of 1 GiB takes no memory', async (t) => {
  const area = temporaryDirectory(t);
  const size = 2 ** 30;
  const descriptor = openSync(`${area}/file`, 'w');
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
  hashTree(`${area}/file`);
  const before = process.memoryUsage().rss;
  let most = 0;
  for (const _ of treeScanning(`${area}/file`, [part])) most = Math.max(most, process.memoryUsage.rss() - before);
  t.ok(most < 32 << 20, `memory grew by ${most >> 20} MiB`);
});
