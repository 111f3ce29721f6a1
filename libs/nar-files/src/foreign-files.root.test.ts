/** Files of other users, other users themselves, devices and mounts: what only root can set up. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AT_FDCWD, mknodat, S_IFCHR } from '@cooper/system-calls';
import t, { type Test } from 'tap';
import { makeStrangeTree } from '../../../test/support/hostile-tree.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { canonicaliseTree, copyTree, hashTree, InodeSet, removeTree } from './index.ts';

const isRoot = process.getuid?.() === 0;
const skip = isRoot ? false : 'SKIPPED: needs root';
const builder = 54321;
const script = fileURLToPath(new URL('../../../test/support/tree-operation.ts', import.meta.url));

/** An area that other users may enter. */
function openArea(t: Test): string {
  const area = temporaryDirectory(t);
  chmodSync(area, 0o755);
  return area;
}

const ownerOf = (path: string) => [lstatSync(path).uid, lstatSync(path).gid];

t.test('a tree of a builder becomes ours', { skip }, async (t) => {
  const area = openArea(t);
  mkdirSync(`${area}/tree`);
  writeFileSync(`${area}/tree/file`, 'x');
  symlinkSync('nowhere', `${area}/tree/link`);
  for (const name of ['', '/file', '/link']) lchownSync(`${area}/tree${name}`, builder, builder);
  chmodSync(`${area}/tree/file`, 0o6755);
  canonicaliseTree(`${area}/tree`, { ownerUid: builder });
  for (const name of ['', '/file', '/link'])
    t.strictSame(ownerOf(`${area}/tree${name}`), [0, process.getegid?.()], name);
  t.equal(lstatSync(`${area}/tree/file`).mode & 0o7777, 0o555);
});

t.test('S42: a hard link to a file of ours is refused, by all who read or change the tree', { skip }, async (t) => {
  const area = openArea(t);
  writeFileSync(`${area}/shadow`, 'secret', { mode: 0o600 });
  mkdirSync(`${area}/tree`);
  linkSync(`${area}/shadow`, `${area}/tree/link`);
  chownSync(`${area}/tree`, builder, builder);
  const refused = { code: 'suspicious-ownership', facts: { path: `${area}/tree/link`, owner: 0, expected: builder } };
  t.throws(() => canonicaliseTree(`${area}/tree`, { ownerUid: builder }), refused);
  t.throws(() => hashTree(`${area}/tree`, { ownerUid: builder }), { code: 'suspicious-ownership' });
  t.throws(() => copyTree(`${area}/tree`, `${area}/copy`, { ownerUid: builder }), { code: 'suspicious-ownership' });
  t.equal(lstatSync(`${area}/shadow`).mode & 0o7777, 0o600, 'it is as it was');
});

t.test('a file with a name in each of two outputs of a build is taken', { skip }, async (t) => {
  const area = openArea(t);
  for (const name of ['one', 'two']) mkdirSync(`${area}/${name}`);
  writeFileSync(`${area}/one/file`, 'x');
  linkSync(`${area}/one/file`, `${area}/two/file`);
  for (const name of ['one', 'two', 'one/file']) chownSync(`${area}/${name}`, builder, builder);
  const options = { ownerUid: builder, seen: new InodeSet() };
  canonicaliseTree(`${area}/one`, options);
  canonicaliseTree(`${area}/two`, options);
  t.equal(lstatSync(`${area}/two/file`).mode & 0o7777, 0o444);
  t.strictSame(ownerOf(`${area}/two/file`), [0, process.getegid?.()]);
});

t.test('S10: devices are refused in outputs, and removed', { skip }, async (t) => {
  const area = openArea(t);
  mkdirSync(`${area}/tree`);
  mknodat(AT_FDCWD, `${area}/tree/whiteout`, S_IFCHR | 0o666, 0);
  const expected = { code: 'unsupported-file-type', facts: { type: 'character-device' } };
  t.throws(() => canonicaliseTree(`${area}/tree`), expected);
  t.throws(() => hashTree(`${area}/tree`), expected);
  removeTree(`${area}/tree`);
  t.strictSame(readdirSync(area), []);
});

t.test('a user without rights handles directories without permissions', { skip }, async (t) => {
  const area = openArea(t);
  mkdirSync(`${area}/own`);
  makeStrangeTree(`${area}/own/tree`);
  for (const name of ['outer', 'outer/inner']) mkdirSync(`${area}/own/${name}`, 0);
  writeFileSync(`${area}/own/outer/inner/file`, 'x');
  for (const name of ['outer', 'outer/inner']) chmodSync(`${area}/own/${name}`, 0);
  spawnSync('chown', ['-hR', `${builder}:${builder}`, `${area}/own`]);
  // `env -i`: what instruments tests through the environment writes files, which another user may not.
  const run = (operation: string, name: string) => {
    const command = ['-i', process.execPath, script, operation, `${area}/own/${name}`];
    return spawnSync('env', command, { uid: builder, gid: builder });
  };
  t.equal(run('hash', 'outer').stderr.toString(), 'file-system-error', 'it cannot read them');
  const canonicalised = run('canonicalise', 'outer');
  t.equal(canonicalised.status, 0, canonicalised.stderr.toString());
  t.equal(lstatSync(`${area}/own/outer/inner`).mode & 0o7777, 0o555);
  t.equal(lstatSync(`${area}/own/outer/inner/file`).mode & 0o7777, 0o444);
  for (const name of ['outer', 'tree']) {
    const removed = run('remove', name);
    t.equal(removed.status, 0, removed.stderr.toString());
  }
  t.strictSame(readdirSync(`${area}/own`), [], 'all is removed');
});

t.test('what is mounted in a tree is left alone', { skip }, async (t) => {
  const area = openArea(t);
  mkdirSync(`${area}/canary`);
  writeFileSync(`${area}/canary/file`, 'alive');
  mkdirSync(`${area}/tree/mount`, { recursive: true });
  for (const operation of ['remove', 'hash', 'canonicalise']) {
    const command = `mount --bind "$2/canary" "$2/tree/mount" && exec "$0" "$1" ${operation} "$2/tree"`;
    const { stderr } = spawnSync('unshare', ['-m', 'bash', '-c', command, process.execPath, script, area]);
    t.equal(stderr.toString(), 'mount-in-tree', operation);
  }
  t.ok(existsSync(`${area}/canary/file`), 'the canary lives');
});
