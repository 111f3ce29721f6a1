/**
 * Outputs of a build user, in which something is not his, or that carry more than contents. Needs root, to make files of
 * other users.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import t from 'tap';
import { build, inRoot, prepare, prepareInPlace, rejected, root, seen } from './building.ts';
import { addDerivation, makeDerivation, outputOf } from './recipes.ts';
import { openStore } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

const owner = 64_321;
const skip = process.getuid?.() === 0 ? false : 'needs root: makes files of other users';

t.test('S42, S43: what is not the builder’s own', { skip }, async (t) => {
  const { client, place } = await openStore(t);
  const { storeDir } = place;
  const secret = `${place.root}/secret`;
  writeFileSync(secret, 'secret', { mode: 0o600 });

  const harms: readonly (readonly [string, (path: string) => void])[] = [
    ['hard-link', (path) => linkSync(secret, `${path}/file`)],
    ['foreign-file', (path) => writeFileSync(`${path}/file`, '')],
    ['foreign-link', (path) => symlinkSync('/etc/shadow', `${path}/file`)],
    ['foreign-directory', (path) => mkdirSync(`${path}/file`)],
  ];
  for (const inPlace of [false, true]) {
    for (const [name, harm] of harms) {
      const made = makeDerivation(storeDir, { name: `${name}-${inPlace}` });
      await addDerivation(client, made);
      const path = outputOf(made);
      if (inPlace) {
        const first = await prepare(client, made);
        writeFileSync(inRoot(first, path), 'valid');
        await client.call('registerOutputs', { build: first.build, root });
      }
      const prepared = await (inPlace ? prepareInPlace : prepare)(client, made, inPlace ? 'check' : 'normal');
      const output = inPlace ? seen(prepared, path) : inRoot(prepared, path);
      mkdirSync(output);
      chownSync(output, owner, owner);
      harm(output);
      const where = inPlace ? {} : { root };
      const answer = rejected(await client.call('registerOutputs', { build: prepared.build, owner, ...where }));
      t.equal(answer.code, 'suspicious-ownership', name);
      t.match(answer.message, /^invalid ownership on file `.*\/file'$/);
      t.notOk(existsSync(output), 'nothing is left');
      t.equal(existsSync(path), inPlace, 'but what is valid');
    }
  }
  t.strictSame(await place.left(), []);
  t.equal(lstatSync(secret).mode & 0o7777, 0o600);
  t.equal(readFileSync(secret, 'utf8'), 'secret', 'untouched');
});

t.test('outputs share a file by hard links, with rewriting and without', { skip }, async (t) => {
  const { client, place } = await openStore(t);
  const made = makeDerivation(place.storeDir, { name: 'shared', outputs: ['out', 'lib'] });
  await addDerivation(client, made);
  for (const mode of ['normal', 'check'] as const) {
    const prepared = await prepareInPlace(client, made, mode);
    const [lib, out] = [seen(prepared, outputOf(made, 'lib')), seen(prepared, outputOf(made))];
    writeFileSync(lib, 'shared');
    chownSync(lib, owner, owner);
    linkSync(lib, out);
    const registration = await client.call('registerOutputs', { build: prepared.build, owner });
    t.match(registration, { status: mode === 'normal' ? 'registered' : 'same' });
  }
});

t.test('S13, S19: set-ID bits, attributes, and times go', { skip }, async (t) => {
  const { client, place } = await openStore(t);
  const { made } = await build({ client, storeDir: place.storeDir }, { name: 'laden' }, (path) => {
    mkdirSync(path());
    writeFileSync(`${path()}/program`, '');
    symlinkSync('program', `${path()}/link`);
    for (const name of ['', '/program', '/link']) lchownSync(`${path()}${name}`, owner, owner);
    chmodSync(`${path()}/program`, 0o6755);
    chmodSync(path(), 0o2755);
    spawnSync('setfattr', ['-n', 'user.mark', '-v', 'x', `${path()}/program`]);
  });
  const path = outputOf(made);
  t.equal(lstatSync(path).mode, 0o040555);
  t.equal(lstatSync(`${path}/program`).mode, 0o100555);
  for (const name of ['', '/program', '/link']) {
    t.equal(lstatSync(`${path}${name}`).uid, 0);
    t.equal(lstatSync(`${path}${name}`).mtimeMs, 1000);
  }
  if (spawnSync('getfattr', ['--version']).status !== 0) return t.comment('no getfattr: attributes were not looked at');
  t.equal(execFileSync('getfattr', ['-d', '-m-', '-R', path]).toString(), '');
  return undefined;
});
