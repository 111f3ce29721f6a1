/**
 * Other programs on the same store, as a guix-daemon or its collector: locks, temporary roots and the database are shared
 * with them. Processes of our own speak for them.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { StorePath } from '@cooper/store-path';
import { tryLock } from '@cooper/system-calls';
import Database from 'better-sqlite3';
import t from 'tap';
import { holdLock } from './lock-holding.ts';
import { addDerivation, addText, makeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore, type StorePlace } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

function temporaryRoots({ stateDir }: StorePlace): string[] {
  const files = readdirSync(`${stateDir}/temproots`);
  return files.flatMap((file) => readFileSync(`${stateDir}/temproots/${file}`, 'latin1').split('\0').slice(0, -1));
}

t.test('an output that another program has locked', async (t) => {
  const { client, place } = await openStore(t);
  const made = makeDerivation(place.storeDir, { name: 'theirs', outputs: ['out', 'lib'] });
  await addDerivation(client, made);
  const path = outputOf(made, 'lib');
  const release = await holdLock(t, `${path}.lock`, 'exclusive');
  t.strictSame(await client.call('prepareBuild', { derivation: made.path, mode: 'normal' }), {
    status: 'locked',
    path,
  });
  t.notOk(existsSync(`${outputOf(made)}.lock`), 'the other lock is given back');
  await release();
  t.equal((await client.call('prepareBuild', { derivation: made.path, mode: 'normal' })).status, 'prepared');
});

t.test('an addition waits for the lock', async (t) => {
  const { client, place } = await openStore(t);
  const path = await addText(client, 'same', 'contents');
  const other = path.replace(/.$/, 'x') as StorePath;
  t.not(path, other);
  const wanted = makeDerivation(place.storeDir, { name: 'awaited' });
  const release = await holdLock(t, `${wanted.path}.lock`, 'exclusive');
  let isAdded = false;
  const adding = addDerivation(client, wanted).then(() => (isAdded = true));
  await delay(150);
  t.notOk(isAdded);
  t.strictSame(await client.call('queryValidPaths', { paths: [path] }), { paths: [path] }, 'others are served');
  await release();
  await adding;
  t.ok(isAdded);
});

t.test('a lock file that was given back serves the next lock, and is none meanwhile', async (t) => {
  const { client, place } = await openStore(t);
  const lock = async (name: string) => {
    const made = makeDerivation(place.storeDir, { name });
    await addDerivation(client, made);
    const prepared = await client.call('prepareBuild', { derivation: made.path, mode: 'normal' });
    if (prepared.status !== 'prepared') throw new Error(prepared.status);
    const file = `${outputOf(made)}.lock`;
    t.equal(statSync(file).size, 0, 'a lock is empty');
    return { file, inode: statSync(file).ino, giveBack: () => client.call('abandonBuild', { build: prepared.build }) };
  };
  const first = await lock('first');
  const waiting = openSync(first.file, 'r+');
  t.notOk(tryLock(waiting, true));
  await first.giveBack();
  t.notOk(existsSync(first.file));
  t.ok(fstatSync(waiting).size > 0, 'who waited for it learns that it is no lock any more');
  const second = await lock('second');
  t.equal(second.inode, first.inode);
  t.notOk(tryLock(waiting, true), 'who is late has to wait, and then learns it');
  await second.giveBack();
  t.ok(fstatSync(waiting).size > 0);
  t.ok(tryLock(waiting, true));
  t.not((await lock('third')).inode, first.inode, 'one that somebody still has is given up');
  closeSync(waiting);
});

t.test('S39: lock files that somebody put there', async (t) => {
  const { client, place } = await openStore(t);
  const made = makeDerivation(place.storeDir, { name: 'hindered' });
  await addDerivation(client, made);
  writeFileSync(`${place.root}/canary`, 'untouched');
  symlinkSync(`${place.root}/canary`, `${outputOf(made)}.lock`);
  t.equal((await client.call('prepareBuild', { derivation: made.path, mode: 'normal' })).status, 'prepared');
  t.ok(lstatSync(`${outputOf(made)}.lock`).isFile());
  t.equal(readFileSync(`${place.root}/canary`, 'utf8'), 'untouched');
});

t.test('temporary roots', async (t) => {
  const { store, client, place } = await openStore(t);
  const other = await store.connect();
  const path = await addText(client, 'leased', 'leased');
  const foreign = `${place.storeDir}/${'0'.repeat(32)}-not-valid` as StorePath;
  await other.call('addLeases', { paths: [foreign] });
  t.strictSame(temporaryRoots(place).sort(), [`${place.storeDir}/.cooper`, path, foreign].sort());
  const [file] = readdirSync(`${place.stateDir}/temproots`);
  const collected = await holdLock(t, `${place.stateDir}/temproots/${file}`, 'shared');
  let isAdded = false;
  const adding = addText(client, 'meanwhile', 'x').then(() => (isAdded = true));
  await delay(150);
  t.notOk(isAdded, 'while another program collects, nothing is added');
  await collected();
  await adding;
  t.ok(isAdded);
});

t.test('a database that another program writes', async (t) => {
  const { client, place } = await openStore(t);
  const path = await addText(client, 'before', 'x');
  const theirs = new Database(`${place.stateDir}/db/db.sqlite`);
  t.teardown(() => void theirs.close());
  theirs.exec('begin immediate');
  let isAdded = false;
  const adding = addText(client, 'after', 'x').then(() => (isAdded = true));
  await delay(100);
  t.strictSame(await client.call('queryValidPaths', { paths: [path] }), { paths: [path] }, 'questions are answered');
  t.notOk(isAdded);
  theirs.exec('commit');
  await adding;
  t.ok(isAdded);
});

t.test('what another program registers is seen', async (t) => {
  const { client, place } = await openStore(t);
  const path = `${place.storeDir}/${'0'.repeat(32)}-theirs` as StorePath;
  const theirs = new Database(`${place.stateDir}/db/db.sqlite`);
  t.teardown(() => void theirs.close());
  mkdirSync(path);
  theirs
    .prepare('insert into ValidPaths (path, hash, registrationTime, deriver, narSize) values (?, ?, 1, ?, 3)')
    .run(path, `sha256:${'0'.repeat(64)}`, '');
  const { infos } = await client.call('queryPathInfos', { paths: [path] });
  t.match(infos, [{ path, deriver: null, narSize: 3, registrationTime: 1 }]);
  t.equal(
    await codeOf(client.call('dumpPath', { path }, { onItem: () => undefined, signal: AbortSignal.timeout(50) })),
    'cancelled',
  );
});
