/** What lies in the store directory without being registered, and what other programs do beside a collection. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { holdLock } from './lock-holding.ts';
import { addText } from './recipes.ts';
import { openStore, type StoreClient } from './running-store.ts';

t.setTimeout(120_000);

async function collect(client: StoreClient): Promise<readonly StorePath[]> {
  const gone: StorePath[] = [];
  await client.call('collectGarbage', { action: 'delete-dead' }, { onItem: ({ paths }) => void gone.push(...paths) });
  return gone;
}

t.test('what nobody works on goes', async (t) => {
  const { client, place } = await openStore(t);
  const [free, leased, locked] = ['free', 'leased', 'locked'].map(
    (name, index) => `${place.storeDir}/${String(index).repeat(32)}-${name}` as StorePath,
  ) as [StorePath, StorePath, StorePath];
  await client.call('addLeases', { paths: [leased] });
  for (const path of [free, leased, locked]) {
    mkdirSync(path);
    writeFileSync(`${path}/file`, 'x');
    mkdirSync(`${path}.drv.chroot`);
    writeFileSync(`${path}.lock`, '');
  }
  writeFileSync(`${place.storeDir}/junk`, 'x');
  const release = await holdLock(t, `${locked}.lock`, 'exclusive');
  t.strictSame((await collect(client)).includes(free), true);
  t.strictSame(
    place.items(),
    [leased, locked]
      .flatMap((path) => [path, `${path}.lock`])
      .map((path) => path.slice(place.storeDir.length + 1))
      .sort(),
  );
  await release();
  await collect(client);
  t.ok(existsSync(leased) && !existsSync(locked));
});

t.test('temporary roots of other programs', async (t) => {
  const { client, place } = await openStore(t);
  const path = await addText(client, 'theirs', 'x');
  await client.call('releaseLeases', {});
  const file = `${place.stateDir}/temproots/999999999`;
  writeFileSync(file, `${path}\0`);
  const release = await holdLock(t, file, 'shared');
  t.strictSame(await collect(client), []);
  await release();
  t.strictSame(await collect(client), [path], 'those of a program that has died count no more');
  t.notOk(readdirSync(`${place.stateDir}/temproots`).includes('999999999'));
});

t.test('beside the collector of another program', async (t) => {
  const { client, place } = await openStore(t);
  const path = await addText(client, 'unwanted', 'x');
  await client.call('releaseLeases', {});
  const release = await holdLock(t, `${place.stateDir}/gc.lock`, 'exclusive');
  let isDone = false;
  const collecting = collect(client).then((gone) => {
    isDone = true;
    return gone;
  });
  await delay(300);
  t.notOk(isDone, 'it waits');
  t.strictSame(await client.call('queryValidPaths', { paths: [path] }), { paths: [path] }, 'others are served');
  await release();
  t.strictSame(await collecting, [path]);
});
