import {
  chmodSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { AT_FDCWD, listxattrat, mknodat, S_IFIFO, S_IFSOCK, setxattrat } from '@cooper/system-calls';
import t from 'tap';
import { makeDeepTree } from '../../../test/support/hostile-tree.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { canonicaliseTree, InodeSet } from './index.ts';

const modeOf = (path: string) => lstatSync(path).mode & 0o7777;
const someOtherUser = 12345;

t.test('permissions: read for all, execute where the owner may, nothing else', async (t) => {
  const area = temporaryDirectory(t);
  const expected = new Map([
    [0o644, 0o444],
    [0o000, 0o444],
    [0o066, 0o444],
    [0o077, 0o444],
    [0o100, 0o555],
    [0o755, 0o555],
    [0o6755, 0o555],
    [0o4644, 0o444],
    [0o444, 0o444],
    [0o555, 0o555],
  ]);
  mkdirSync(`${area}/tree`);
  for (const mode of expected.keys()) {
    writeFileSync(`${area}/tree/${mode}`, 'x');
    chmodSync(`${area}/tree/${mode}`, mode);
  }
  canonicaliseTree(`${area}/tree`);
  for (const [mode, canonical] of expected) t.equal(modeOf(`${area}/tree/${mode}`), canonical, mode.toString(8));
  t.equal(modeOf(`${area}/tree`), 0o555);
});

t.test('S15: directories become 0555, whatever they were', async (t) => {
  const area = temporaryDirectory(t);
  for (const mode of [0o000, 0o700, 0o1777, 0o2755, 0o555]) {
    const path = `${area}/${mode}`;
    mkdirSync(`${path}/inner`, { recursive: true });
    chmodSync(path, mode);
    canonicaliseTree(path);
    t.equal(modeOf(path), 0o555, mode.toString(8));
    t.equal(modeOf(`${path}/inner`), 0o555, 'what is in it, too');
  }
});

t.test('everything was modified one second after the epoch; times of access stay', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree/inner`, { recursive: true });
  writeFileSync(`${area}/tree/inner/file`, 'x');
  utimesSync(`${area}/tree/inner/file`, 1_000_000, 2_000_000.5);
  symlinkSync('nowhere', `${area}/tree/link`);
  lutimesSync(`${area}/tree/link`, 5, 5);
  canonicaliseTree(`${area}/tree`);
  for (const name of ['', '/inner', '/inner/file', '/link'])
    t.equal(lstatSync(`${area}/tree${name}`).mtimeMs, 1000, name);
  t.equal(lstatSync(`${area}/tree/inner/file`).atimeMs, 1_000_000_000);
  writeFileSync(`${area}/half`, 'x');
  utimesSync(`${area}/half`, 1, 1.5);
  canonicaliseTree(`${area}/half`);
  t.equal(lstatSync(`${area}/half`, { bigint: true }).mtimeNs, 1_000_000_000n, 'half a second is taken off');
});

t.test('S19: extended attributes and ACLs are removed', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree`);
  writeFileSync(`${area}/tree/file`, 'x');
  const value = Buffer.from('value');
  for (const name of ['tree', 'tree/file']) {
    for (const attribute of ['user.one', 'user.two']) setxattrat(AT_FDCWD, `${area}/${name}`, { attribute, value });
    setxattrat(AT_FDCWD, `${area}/${name}`, { attribute: 'system.posix_acl_access', value: readableByAnother });
  }
  setxattrat(AT_FDCWD, `${area}/tree`, { attribute: 'system.posix_acl_default', value: readableByAnother });
  chmodSync(`${area}/tree/file`, 0o444);
  t.equal(listxattrat(AT_FDCWD, `${area}/tree`).length, 4, 'they were there');
  canonicaliseTree(`${area}/tree`);
  for (const name of ['tree', 'tree/file']) t.strictSame(listxattrat(AT_FDCWD, `${area}/${name}`), [], name);
  t.equal(modeOf(`${area}/tree/file`), 0o444);
  t.equal(modeOf(`${area}/tree`), 0o555);
});

/**
 * An ACL as the kernel has it in an attribute (linux/posix_acl_xattr.h): rw- for us, r-- for a user named, r-- for the
 * others.
 */
const readableByAnother = Buffer.concat([
  Buffer.from([2, 0, 0, 0]),
  aclEntry(0x01, 6),
  aclEntry(0x02, 4, someOtherUser),
  aclEntry(0x04, 4),
  aclEntry(0x10, 4),
  aclEntry(0x20, 4),
]);

function aclEntry(tag: number, permissions: number, id = 0xffffffff): Buffer {
  const entry = Buffer.alloc(8);
  entry.writeUInt16LE(tag, 0);
  entry.writeUInt16LE(permissions, 2);
  entry.writeUInt32LE(id, 4);
  return entry;
}

t.test('what no store item may hold is refused, by name', async (t) => {
  const area = temporaryDirectory(t);
  for (const [name, type] of Object.entries({ fifo: S_IFIFO, socket: S_IFSOCK })) {
    mkdirSync(`${area}/${name}`);
    mknodat(AT_FDCWD, `${area}/${name}/x`, type | 0o600);
    const expected = { code: 'unsupported-file-type', facts: { path: `${area}/${name}/x`, type: name } };
    t.throws(() => canonicaliseTree(`${area}/${name}`), expected);
    t.throws(() => canonicaliseTree(`${area}/${name}/x`), expected, 'at the top, too');
  }
});

t.test('what another user owns is refused', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree`);
  writeFileSync(`${area}/tree/file`, 'x', { mode: 0o644 });
  const refused = { code: 'suspicious-ownership', facts: { path: `${area}/tree`, expected: someOtherUser } };
  t.throws(() => canonicaliseTree(`${area}/tree`, { ownerUid: someOtherUser }), refused);
  t.equal(modeOf(`${area}/tree/file`), 0o644, 'and left as it is');
  canonicaliseTree(`${area}/tree`, { ownerUid: process.geteuid?.() ?? -1 });
  t.equal(modeOf(`${area}/tree/file`), 0o444);
});

t.test('files with several names are noted, once for all trees', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/one`);
  mkdirSync(`${area}/two`);
  writeFileSync(`${area}/one/file`, 'x');
  linkSync(`${area}/one/file`, `${area}/two/file`);
  const seen = new InodeSet();
  canonicaliseTree(`${area}/one`, { ownerUid: process.geteuid?.() ?? -1, seen });
  const other = { ownerUid: someOtherUser, seen };
  canonicaliseTree(`${area}/two/file`, other);
  t.throws(() => canonicaliseTree(`${area}/one`, other), { code: 'suspicious-ownership' }, 'a directory has one name');
  t.throws(() => canonicaliseTree(`${area}/two/file`, { ownerUid: someOtherUser }), { code: 'suspicious-ownership' });
});

t.test('any depth', async (t) => {
  const area = temporaryDirectory(t, { inMemory: true });
  makeDeepTree(`${area}/tree`, 20_000);
  canonicaliseTree(`${area}/tree`);
  t.equal(modeOf(`${area}/tree${'/d'.repeat(1000)}`), 0o555);
});
