/** Verification, deduplication, the database's own upkeep, and collections that nobody asked for. */

import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Item, storeContract } from '@cooper/contracts';
import { fileArchive } from '@cooper/nar';
import { dumpTree } from '@cooper/nar-files';
import { type StorePath, storePathName } from '@cooper/store-path';
import Database from 'better-sqlite3';
import t from 'tap';
import { linkingPoints } from '../src/shell/fault-point.ts';
import { addText } from './recipes.ts';
import { codeOf, openStore, type StoreClient, StorePlace, send, startStore } from './running-store.ts';

t.setTimeout(240_000);

type Finding = Item<typeof storeContract, 'verify'>;

async function verify(client: StoreClient, contents: boolean) {
  const found: Finding[] = [];
  const result = await client.call('verify', { contents }, { onItem: (item) => void found.push(item) });
  return { result, found: found.filter(({ event }) => event !== 'progress') };
}

function overwrite(path: string, text: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
}

t.test('what is missing or corrupt is found', async (t) => {
  const { client } = await openStore(t);
  const good = await addText(client, 'good', 'x');
  const bad = await addText(client, 'bad', 'x');
  const gone = await addText(client, 'gone', 'x');
  const needed = await addText(client, 'needed', 'x');
  const below = { name: 'below', contents: Buffer.from('x'), references: [gone] };
  const { paths } = await client.call('addTexts', { texts: [below] });
  await client.call('addTexts', { texts: [{ ...below, name: 'needs', references: [needed] }] });
  t.strictSame(await verify(client, true), { result: { checked: 6, missing: 0, corrupt: 0 }, found: [] });

  overwrite(bad, 'y');
  for (const path of [gone, needed, ...paths]) rmSync(path);
  const { result, found } = await verify(client, true);
  t.strictSame(result, { checked: 6, missing: 3, corrupt: 1 });
  const [corrupt, ...missing] = found;
  t.match(corrupt, { event: 'corrupt', path: bad, expected: /^sha256:/, actual: /^sha256:/ });
  const removed = new Map(missing.map((each) => (each.event === 'missing' ? [each.path, each.removed] : ['', false])));
  t.strictSame(
    removed,
    new Map([
      [paths[0], true],
      [gone, true],
      [needed, false],
    ]),
    'what others refer to stays',
  );
  t.strictSame(await client.call('queryValidPaths', { paths: [good, gone, needed] }), { paths: [good, needed] });
  t.strictSame((await verify(client, false)).result, { checked: 4, missing: 1, corrupt: 0 });
});

t.test('what cannot be hashed is told, and keeps nobody from the rest', async (t) => {
  const { client } = await openStore(t);
  const odd = await addText(client, 'odd', 'x');
  const bad = await addText(client, 'bad', 'x');
  rmSync(odd);
  mkdirSync(odd);
  const made = `${odd}/socket`;
  const { createServer } = await import('node:net');
  const server = createServer().listen(made);
  t.teardown(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  overwrite(bad, 'y');
  const { found } = await verify(client, true);
  t.strictSame(found.map(({ event }) => event).sort(), ['corrupt', 'unreadable']);
});

t.test('the database is checked and made small', async (t) => {
  const { client, place } = await openStore(t);
  for (let from = 0; from < 3; from++) {
    const texts = Array.from({ length: 500 }, (_, index) => ({
      name: `t${from}-${index}`,
      contents: Buffer.from('x'),
      references: [],
    }));
    await client.call('addTexts', { texts });
  }
  await client.call('releaseLeases', {});
  await client.call('collectGarbage', { action: 'delete-dead' });
  const { before, after } = await client.call('vacuum', {});
  t.ok(after < before / 2, `${before} to ${after}`);
  const path = await addText(client, 'later', 'x');
  t.strictSame(await client.call('queryValidPaths', { paths: [path] }), { paths: [path] });

  const database = new Database(`${place.stateDir}/db/db.sqlite`);
  database.pragma('foreign_keys = off');
  database.exec('insert into Refs values (98, 99)');
  database.close();
  await t.rejects(client.call('vacuum', {}), { code: 'database-corrupt', message: /Refs/ });
});

/** A directory with a file of 10 kB, whose contents are `tag`, and a small one. */
function treeArchive(place: StorePlace, tag: string): Buffer {
  const directory = `${place.root}/tree`;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(`${directory}/bin`, { recursive: true });
  for (const name of ['data', 'bin/data']) writeFileSync(`${directory}/${name}`, tag.repeat(10_000).slice(0, 10_000));
  writeFileSync(`${directory}/bin/program`, tag.repeat(10_000).slice(0, 10_000), { mode: 0o755 });
  writeFileSync(`${directory}/small`, tag);
  return Buffer.concat(Array.from(dumpTree(directory), (piece) => Buffer.from(piece)));
}

async function addTree(client: StoreClient, name: string, archive: Uint8Array): Promise<StorePath> {
  const wish = { name, recursive: true, hashAlgorithm: 'sha256' };
  return (await client.call('addTree', wish, { onItem: (ticket) => send(ticket, archive) })).info.path;
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !condition(); await delay(20)) {
    if (Date.now() > deadline) throw new Error('it has not come true');
  }
}

const links = (path: string) => lstatSync(path).nlink;

t.test('equal files are one', async (t) => {
  const { client, place } = await openStore(t);
  const first = await addTree(client, 'first', treeArchive(place, 'a'));
  await until(() => links(`${first}/data`) === 3);
  const second = await addTree(client, 'second', treeArchive(place, 'a'));
  await until(() => links(`${second}/bin/data`) === 5);
  await until(() => links(`${second}/bin/program`) === 3);
  t.equal(statSync(`${first}/data`).ino, statSync(`${second}/bin/data`).ino);
  t.not(statSync(`${first}/bin/program`).ino, statSync(`${first}/data`).ino, 'one that can be executed is another');
  t.equal(links(`${first}/small`), 1);
  t.equal(readdirSync(`${place.storeDir}/.links`).length, 2);
  // The directory's time is put back when all of it is done.
  await until(() => statSync(`${second}/bin`).mtimeMs === 1000 && statSync(second).mtimeMs === 1000);
  t.match((await verify(client, true)).result, { corrupt: 0 });

  await client.call('releaseLeases', {});
  await client.call('addLeases', { paths: [first] });
  await client.call('collectGarbage', { action: 'delete-dead' });
  t.equal(links(`${first}/data`), 3);
  await client.call('releaseLeases', {});
  const { bytesFreed } = await client.call('collectGarbage', { action: 'delete-dead' });
  t.ok(bytesFreed >= 20_000, 'what was shared is counted when it goes');
  t.strictSame(readdirSync(`${place.storeDir}/.links`), []);
});

t.test('by hand, where it is off', async (t) => {
  const { client, place } = await openStore(t, { words: ['--disable-deduplication'] });
  const first = await addTree(client, 'first', treeArchive(place, 'a'));
  const second = await addTree(client, 'second', treeArchive(place, 'a'));
  t.equal(links(`${first}/data`), 1);
  const progress: number[] = [];
  const result = await client.call('optimise', {}, { onItem: ({ checked }) => void progress.push(checked) });
  t.equal(result.filesLinked, 4);
  t.ok(result.bytesFreed >= 40_000);
  t.strictSame(progress, [2]);
  t.equal(links(`${second}/data`), 5);
  t.strictSame(await client.call('optimise', {}), { filesLinked: 0, bytesFreed: 0 });

  const [name = ''] = readdirSync(`${place.storeDir}/.links`).filter(
    (each) => links(`${place.storeDir}/.links/${each}`) === 5,
  );
  const link = `${place.storeDir}/.links/${name}`;
  rmSync(link);
  writeFileSync(link, 'no'.repeat(5000), { mode: 0o444 });
  const third = await addTree(client, 'third', treeArchive(place, 'a'));
  await client.call('optimise', {});
  t.match((await verify(client, true)).result, { corrupt: 0 }, 'a link that is not what it says is not used');
  t.equal(links(`${third}/data`), 3);
});

/** Gives the file names in `directory` until it may have no more; false where there is no end of them. */
function exhaustNames(file: string, directory: string): boolean {
  mkdirSync(directory);
  for (let count = 0; count < 70_000; count++) {
    try {
      linkSync(file, `${directory}/${count}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EMLINK') return true;
      throw error;
    }
  }
  return false;
}

t.test('a file with as many names as it may have gives way to the next', async (t) => {
  const { client, place } = await openStore(t, { words: ['--disable-deduplication'] });
  const first = await addTree(client, 'first', treeArchive(place, 'a'));
  await client.call('optimise', {});
  if (!exhaustNames(`${first}/data`, `${place.root}/names`)) {
    t.pass('an end of names', { skip: 'SKIPPED: this file system has none' });
    return;
  }
  const second = await addTree(client, 'second', treeArchive(place, 'a'));
  t.equal((await client.call('optimise', {})).filesLinked, 2);
  t.not(statSync(`${second}/data`).ino, statSync(`${first}/data`).ino);
  t.equal(links(`${second}/data`), 3, 'two names in the item, and the link');
  const third = await addTree(client, 'third', treeArchive(place, 'a'));
  await client.call('optimise', {});
  t.equal(statSync(`${third}/data`).ino, statSync(`${second}/data`).ino);
  t.match((await verify(client, true)).result, { corrupt: 0, missing: 0 });
});

t.test('killed while files become one', async (t) => {
  const place = new StorePlace(t);
  for (const point of linkingPoints) {
    const { store, client } = await openStore(t, { place, words: ['--disable-deduplication'] });
    const paths = [
      await addTree(client, `${point}-a`, treeArchive(place, point)),
      await addTree(client, `${point}-b`, treeArchive(place, point)),
    ];
    await store.stop();
    const doomed = startStore(t, { place, words: ['--disable-deduplication', `--fault-point=${point}`] });
    const dying = doomed.connect().then((each) => each.call('optimise', {}));
    t.equal(await codeOf(dying), 'channel-closed', `killed when ${point}`);
    await doomed.stop();
    const next = await openStore(t, { place, words: ['--disable-deduplication'] });
    t.strictSame(await place.left(), []);
    t.match((await verify(next.client, true)).result, { corrupt: 0, missing: 0 });
    await next.client.call('optimise', {});
    t.equal(links(`${paths[1]}/data`), 5);
    await next.store.stop();
  }
});

t.test('a store that runs low collects by itself', async (t) => {
  const { client, store, place } = await openStore(t, { words: ['--min-free=999999999999999'] });
  const other = await store.connect();
  const path = await addText(other, 'unwanted', 'x');
  await delay(1100);
  other.close();
  await other.closed;
  const wanted = await addText(client, 'wanted', 'x');
  await until(() => !place.items().some((name) => name.endsWith('-unwanted')) || store.log.includes('has freed'));
  t.match(store.log, /collecting garbage/);
  t.strictSame(await client.call('queryValidPaths', { paths: [wanted] }), { paths: [wanted] });
  t.equal(storePathName(path), 'unwanted');
});

t.test('a collection is cancelled', async (t) => {
  const { client } = await openStore(t);
  const controller = new AbortController();
  const texts = Array.from({ length: 400 }, (_, index) => ({
    name: `t-${index}`,
    contents: Buffer.from('x'),
    references: [],
  }));
  await client.call('addTexts', { texts });
  await addTree(client, 'tree', fileArchive('x'));
  await client.call('releaseLeases', {});
  const cancelling = client.call(
    'collectGarbage',
    { action: 'delete-dead' },
    { signal: controller.signal, onItem: () => controller.abort() },
  );
  t.equal(await codeOf(cancelling), 'cancelled');
  t.match((await verify(client, true)).result, { missing: 0, corrupt: 0 });
});
