/**
 * A store that runs as an ordinary user: it has no rights beyond what it owns, and its own read-only directories are
 * read-only to it, too. Needs root, to become such a user.
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { addDerivation, makeDerivation, outputOf } from './recipes.ts';
import { openStore, StorePlace } from './running-store.ts';

const user = 64_321;
const skip = process.getuid?.() === 0 ? false : 'needs root: becomes another user';

t.test('builds and repairs as an ordinary user', { skip }, async (t) => {
  const place = new StorePlace(t);
  chownSync(place.root, user, user);
  const wrapper = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'];
  const { client } = await openStore(t, { place, wrapper });
  const made = makeDerivation(place.storeDir, { name: 'tree', outputs: ['out', 'lib'] });
  await addDerivation(client, made);
  const path = outputOf(made);

  const build = async (mode: 'normal' | 'repair') => {
    const prepared = await client.call('prepareBuild', { derivation: made.path, mode });
    if (prepared.status !== 'prepared') throw new Error(prepared.status);
    const root = `${Buffer.from(prepared.directory)}/root`;
    for (const output of prepared.missing) {
      mkdirSync(`${root}${output.path}/sub`, { recursive: true });
      writeFileSync(`${root}${output.path}/sub/file`, 'good');
      for (const part of ['', '/sub', '/sub/file']) chownSync(`${root}${output.path}${part}`, user, user);
    }
    for (let part = place.storeDir; part !== ''; part = part.slice(0, part.lastIndexOf('/'))) {
      chownSync(`${root}${part}`, user, user);
    }
    chownSync(root, user, user);
    return client.call('registerOutputs', { build: prepared.build, root: Buffer.from('root') });
  };
  t.match(await build('normal'), { status: 'registered' });
  t.equal(lstatSync(place.storeDir).mode & 0o7777, 0o755);
  for (const directory of [path, outputOf(made, 'lib'), `${path}/sub`]) {
    const { mode, mtimeMs, uid } = lstatSync(directory);
    t.strictSame({ mode, mtimeMs, uid }, { mode: 0o040555, mtimeMs: 1000, uid: user });
  }

  chmodSync(`${path}/sub/file`, 0o644);
  writeFileSync(`${path}/sub/file`, 'bad');
  t.match(await build('repair'), { status: 'registered' });
  t.equal(readFileSync(`${path}/sub/file`, 'utf8'), 'good');
  t.equal(lstatSync(path).mode, 0o040555);

  mkdirSync(`${outputOf(makeDerivation(place.storeDir, { name: 'stale' }))}`, { mode: 0o555 });
  const stale = makeDerivation(place.storeDir, { name: 'stale' });
  chownSync(outputOf(stale), user, user);
  await addDerivation(client, stale);
  t.equal((await client.call('prepareBuild', { derivation: stale.path, mode: 'normal' })).status, 'prepared');
  t.equal(lstatSync(outputOf(stale), { throwIfNoEntry: false }), undefined, 'what is stale goes, read-only or not');
});
