/** A store on a full file system, and on one that cannot be written: needs root, to mount small ones. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileArchive } from '@cooper/nar';
import type { StorePath } from '@cooper/store-path';
import t, { type Test } from 'tap';
import { addDerivation, addText, makeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore, StorePlace, send, startStore } from './running-store.ts';

const canMount = process.getuid?.() === 0;
const skip = canMount ? false : 'needs root: mounts file systems';

/** A place on a file system of its own, of `size` bytes. */
function smallPlace(t: Test, size: string): StorePlace {
  const place = new StorePlace(t);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0755`, 'tmpfs', place.root]);
  t.teardown(() => void execFileSync('umount', ['--lazy', place.root]));
  return place;
}

/** Waits until what was discarded has given its blocks back, which a kernel may do some time after the last unlink. */
async function roomAgain(t: Test, place: StorePlace, bytes: number): Promise<void> {
  const free = () => statfsSync(place.root).bavail * statfsSync(place.root).bsize;
  for (const deadline = Date.now() + 20_000; free() < bytes && Date.now() < deadline; ) await delay(20);
  const { files, ffree } = statfsSync(place.root);
  t.ok(free() >= bytes, `${free()} bytes are free, and ${ffree} of ${files} inodes`);
}

t.test('S38: a full file system', { skip }, async (t) => {
  const place = smallPlace(t, '16m');
  const { client } = await openStore(t, { place });
  const { storeDir } = place;
  const kept = await addText(client, 'kept', 'kept');
  const large = Buffer.alloc(12 * 1024 * 1024, 'x');
  const text = { name: 'large', contents: large, references: [] };
  const fault = await client.call('addTexts', { texts: [text] }).catch((error: unknown) => error);
  t.match(fault, { code: 'disk-full', message: new RegExp(`the file system of ${storeDir} is full`) });
  t.strictSame(await place.left(), [], 'what was begun makes room again');
  await roomAgain(t, place, 6 * 1024 * 1024);
  const wish = { name: 'large', recursive: true, hashAlgorithm: 'sha256' };
  t.equal(
    await codeOf(client.call('addTree', wish, { onItem: (ticket) => send(ticket, fileArchive(large)) })),
    'disk-full',
  );

  t.strictSame(await place.left(), []);
  await roomAgain(t, place, 6 * 1024 * 1024);
  const made = makeDerivation(storeDir, {
    name: 'fixed',
    fixed: { hashAlgo: 'r:sha256', hash: '0'.repeat(64) },
  });
  await addDerivation(client, made);
  const prepared = await client.call('prepareBuild', { derivation: made.path, mode: 'normal' });
  if (prepared.status !== 'prepared') throw new Error(prepared.status);
  const root = `${Buffer.from(prepared.directory)}/root`;
  mkdirSync(`${root}${storeDir}`, { recursive: true });
  writeFileSync(`${root}${outputOf(made)}`, large.subarray(0, 4 * 1024 * 1024));
  const registering = client.call('registerOutputs', { build: prepared.build, root: Buffer.from('root') });
  t.equal(await codeOf(registering), 'disk-full', 'there is no room for the copy');

  t.strictSame(await place.left(), []);
  await roomAgain(t, place, 6 * 1024 * 1024);
  const valid: StorePath[] = [];
  await client.call('queryAllValidPaths', {}, { onItem: ({ paths }) => void valid.push(...paths) });
  t.strictSame(valid, [kept, made.path].sort(), 'what was there is there, and nothing else');
  t.strictSame(
    place.items(),
    valid.map((path) => path.slice(storeDir.length + 1)),
  );
  t.ok(await addText(client, 'small', 'there is room for this'));
});

t.test('a full file system is collected', { skip }, async (t) => {
  const place = smallPlace(t, '16m');
  const { client } = await openStore(t, { place });
  const texts = [{ name: 'large', contents: Buffer.alloc(1024 * 1024, 'x'), references: [] }];
  const { paths } = await client.call('addTexts', { texts });
  await client.call('releaseLeases', {});
  const fill = `${place.root}/fill`;
  const { bavail, bsize } = statfsSync(place.root);
  writeFileSync(fill, Buffer.alloc(bavail * bsize, 'x'));
  t.equal(statfsSync(place.root).bavail, 0);
  const { bytesFreed } = await client.call('collectGarbage', { action: 'delete-dead' });
  t.ok(bytesFreed >= 1024 * 1024);
  t.strictSame(await client.call('queryValidPaths', { paths: [...paths] }), { paths: [] });
  t.strictSame(place.items(), []);
});

t.test('a file system that cannot be written', { skip }, async (t) => {
  const place = smallPlace(t, '16m');
  const { store, client } = await openStore(t, { place });
  await addText(client, 'before', 'x');
  await store.stop();
  execFileSync('mount', ['-o', 'remount,ro', place.root]);
  const words = [`--listen=store=${place.root}.socket`];
  const failing = startStore(t, { place, words });
  t.equal((await failing.exited).code, 71);
  t.match(failing.log, /code=read-only-store/);
});
