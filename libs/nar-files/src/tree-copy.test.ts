import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import t from 'tap';
import { dump } from '../../../test/support/dump.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { canonicalMetadata, copyTree, treeCopying } from './index.ts';

const from = 'k2l9a3v0x7n1q8b5d4f6g0h3i9j2m1p7';
const to = '0000000000000000000000000000000z';

t.test('a copy shares no inode with the original', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree`);
  writeFileSync(`${area}/tree/file`, 'x');
  linkSync(`${area}/tree/file`, `${area}/tree/name`);
  copyTree(`${area}/tree`, `${area}/copy`);
  t.ok(dump(`${area}/copy`).equals(dump(`${area}/tree`)));
  for (const name of ['file', 'name']) {
    t.not(lstatSync(`${area}/copy/${name}`).ino, lstatSync(`${area}/tree/file`).ino);
    t.equal(lstatSync(`${area}/copy/${name}`).nlink, 1);
  }
  t.throws(() => copyTree(`${area}/tree`, `${area}/copy`), {
    code: 'file-system-error',
    facts: { errorCode: 'EEXIST' },
  });
});

t.test('hash parts are rewritten in contents, targets and names', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree`);
  const text = `${'x'.repeat(300_000 - 40)}/gnu/store/${from}-name, ${from}`;
  writeFileSync(`${area}/tree/file`, text);
  writeFileSync(`${area}/tree/half`, from.slice(0, 20));
  writeFileSync(`${area}/tree/other-half`, from.slice(20));
  writeFileSync(`${area}/tree/${from}-b`, '');
  writeFileSync(`${area}/tree/${from.replace('k', 'a')}-a`, '');
  symlinkSync(`/gnu/store/${from}-name`, `${area}/tree/link`);
  copyTree(`${area}/tree`, `${area}/copy`, { rewrites: new Map([[from, to]]), metadata: canonicalMetadata });
  t.equal(readFileSync(`${area}/copy/file`, 'utf8'), text.replaceAll(from, to));
  t.equal(readFileSync(`${area}/copy/half`, 'utf8'), from.slice(0, 20), 'what runs over two files is none');
  t.equal(readlinkSync(`${area}/copy/link`), `/gnu/store/${to}-name`);
  t.ok(readdirSync(`${area}/copy`).includes(`${to}-b`), 'though this name changes places with its neighbour');
  t.ok(readdirSync(`${area}/tree`).includes(`${from}-b`), 'the original stays');
});

t.test('names that become the same are refused', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree`);
  for (const name of [from, to]) writeFileSync(`${area}/tree/${name}`, name);
  const rewrites = new Map([[from, to]]);
  t.throws(() => copyTree(`${area}/tree`, `${area}/copy`, { rewrites }), { code: 'file-system-error' });
});

t.test('ended early, it closes what it holds open', async (t) => {
  const area = temporaryDirectory(t);
  mkdirSync(`${area}/tree`);
  writeFileSync(`${area}/tree/file`, Buffer.alloc(1_000_000));
  const before = readdirSync('/proc/self/fd').length;
  const steps = treeCopying(`${area}/tree`, `${area}/copy`);
  steps.next();
  steps.next();
  t.ok(readdirSync('/proc/self/fd').length > before);
  steps.return();
  t.equal(readdirSync('/proc/self/fd').length, before);
});
