/** Outputs whose contents are known beforehand: every algorithm, files and trees, and who may still have a hand in them. */

import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createHasher, formatHash, type HashAlgorithm, hashAlgorithms } from '@cooper/hash';
import { fileArchive } from '@cooper/nar';
import t from 'tap';
import { type Builder, build, inRoot, prepare, rejected, root } from './building.ts';
import { addDerivation, makeDerivation, outputOf } from './recipes.ts';
import { openStore } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

const { client, place } = await openStore(t);
const { storeDir } = place;
const on = { client, storeDir };

const contents = 'what is promised';

function hashOf(algorithm: HashAlgorithm, bytes: Uint8Array) {
  const hasher = createHasher(algorithm);
  hasher.update(bytes);
  return hasher.digest();
}

for (const algorithm of hashAlgorithms) {
  t.test(algorithm, async (t) => {
    for (const recursive of [false, true]) {
      const archived = (text: string) => (recursive ? fileArchive(text) : Buffer.from(text));
      const expected = hashOf(algorithm, archived(contents));
      const actual = hashOf(algorithm, archived('other'));
      const hashAlgo = recursive ? `r:${algorithm}` : algorithm;
      const recipe = { name: `fixed-${recursive}`, fixed: { hashAlgo, hash: formatHash(expected, 'base16') } };
      const wrong = await build(on, recipe, (path) => writeFileSync(path(), 'other'));
      const path = outputOf(wrong.made);
      // As the reference has it in its trace: base 16 for MD5, base 32 for all others.
      const form = algorithm === 'md5' ? 'base16' : 'base32';
      t.strictSame(rejected(wrong.registration), {
        status: 'rejected',
        code: 'hash-mismatch',
        message: `hash mismatch for store item '${path}'`,
        output: { name: 'out', path },
        expected: formatHash(expected, form),
        actual: formatHash(actual, form),
      });
      t.notOk(existsSync(path));
      const right = await build(on, recipe, (path) => writeFileSync(path(), contents));
      t.match(right.registration, { status: 'registered', infos: [{ path, references: [] }] });
    }
  });
}

t.test('what is no plain file', async (t) => {
  const hash = createHash('sha256').update(contents).digest('hex');
  const builders: readonly (readonly [string, Builder])[] = [
    ['link', (path) => symlinkSync('elsewhere', path())],
    ['directory', (path) => mkdirSync(path())],
    ['program', (path) => writeFileSync(path(), contents, { mode: 0o755 })],
  ];
  for (const [name, builder] of builders) {
    const { made, registration } = await build(on, { name, fixed: { hashAlgo: 'sha256', hash } }, builder);
    const path = outputOf(made);
    t.match(rejected(registration), {
      code: 'not-a-regular-file',
      // The reference forgets to close the quote.
      message: `output path \`${path} should be a non-executable regular file`,
      output: { name: 'out', path },
    });
  }
});

t.test('a directory is canonical, whatever its builder left', async (t) => {
  const builder: Builder = (path) => {
    mkdirSync(path());
    writeFileSync(`${path()}/file`, contents);
    utimesSync(path(), 5, 5);
  };
  const { made } = await build(on, { name: 'any' }, builder);
  const { infos } = await client.call('queryPathInfos', { paths: [outputOf(made)] });
  const hash = infos[0]?.narHash.slice('sha256:'.length) ?? '';
  const fixed = await build(on, { name: 'tree', fixed: { hashAlgo: 'r:sha256', hash } }, builder);
  t.equal(fixed.registration.status, 'registered');
  t.equal(lstatSync(outputOf(fixed.made)).mode, 0o040555);
  t.equal(lstatSync(outputOf(fixed.made)).mtimeMs, 1000);
});

t.test('S01: whoever holds a descriptor of it holds nothing (CVE-2024-27297)', async (t) => {
  for (const inPlace of [false, true]) {
    const hash = createHash('sha256').update(contents).digest('hex');
    const made = makeDerivation(storeDir, { name: `held-${inPlace}`, fixed: { hashAlgo: 'sha256', hash } });
    await addDerivation(client, made);
    const prepared = await prepare(client, made);
    const file = inPlace ? outputOf(made) : inRoot(prepared, outputOf(made));
    writeFileSync(file, contents);
    const held = openSync(file, 'r+');
    const where = inPlace ? {} : { root };
    t.match(await client.call('registerOutputs', { build: prepared.build, ...where }), { status: 'registered' });
    writeSync(held, 'evil', 0);
    closeSync(held);
    t.equal(readFileSync(outputOf(made), 'utf8'), contents);
    t.strictSame(await client.call('checkContents', { paths: [outputOf(made)] }), { corrupt: [] });
  }
});

t.test('S43: one that others may write to is refused', async (t) => {
  const hash = createHash('sha256').update(contents).digest('hex');
  const made = makeDerivation(storeDir, { name: 'writable', fixed: { hashAlgo: 'sha256', hash } });
  await addDerivation(client, made);
  const prepared = await prepare(client, made);
  writeFileSync(inRoot(prepared, outputOf(made)), contents);
  chmodSync(inRoot(prepared, outputOf(made)), 0o666);
  const registration = await client.call('registerOutputs', { build: prepared.build, root });
  t.match(registration, {
    code: 'suspicious-ownership',
    message: `suspicious ownership or permission on \`${outputOf(made)}'; rejecting this build output`,
  });
});
