/** A store that is killed at each point that a deletion passes, and what the next one makes of what is left. */
import { existsSync, symlinkSync } from 'node:fs';
import { type StorePath, storePathName } from '@cooper/store-path';
import t from 'tap';
import { removalPoints } from '../src/shell/fault-point.ts';
import { codeOf, openStore, type StoreClient, StorePlace, startStore } from './running-store.ts';

t.setTimeout(240_000);

/** A chain of texts, each of which refers to the one before; the paths of all. */
async function addChain(client: StoreClient, tag: string, length: number): Promise<readonly StorePath[]> {
  const paths: StorePath[] = [];
  for (let index = 0; index < length; index++) {
    const text = { name: `${tag}-${index}`, contents: Buffer.from(tag), references: paths.slice(-1) };
    paths.push(...(await client.call('addTexts', { texts: [text] })).paths);
  }
  return paths;
}

async function validPaths(client: StoreClient): Promise<readonly StorePath[]> {
  const valid: StorePath[] = [];
  await client.call('queryAllValidPaths', {}, { onItem: ({ paths }) => void valid.push(...paths) });
  return valid;
}

t.test('a collection that is killed', async (t) => {
  const place = new StorePlace(t);
  for (const point of removalPoints) {
    const { store, client } = await openStore(t, { place });
    const chain = await addChain(client, point, 6);
    const kept = chain[2] as StorePath;
    symlinkSync(kept, `${place.stateDir}/gcroots/${point}`);
    await store.stop();

    const doomed = startStore(t, { place, words: [`--fault-point=${point}`] });
    const dying = doomed.connect().then((each) => each.call('collectGarbage', { action: 'delete-dead' }));
    t.equal(await codeOf(dying), 'channel-closed', `killed when ${point}`);
    t.equal((await doomed.exited).signal, 'SIGKILL');
    await doomed.stop();
    const there = chain.slice(3).filter((path) => existsSync(path));
    if (point === 'forgotten') t.equal(there.length, 3, 'what is forgotten is still there');
    if (point === 'trashed') t.equal(there.length, 0);

    const next = await openStore(t, { place });
    const valid = await validPaths(next.client);
    t.strictSame(
      place.items(),
      valid.map((path) => path.slice(place.storeDir.length + 1)),
      'but not after a start',
    );
    t.strictSame(
      valid.filter((path) => storePathName(path).startsWith(`${point}-`)).sort(),
      chain.slice(0, 3).toSorted(),
    );
    t.strictSame(await place.left(), []);
    t.strictSame(await addChain(next.client, point, 6), chain, 'and what went can come again');
    await next.store.stop();
  }
});
