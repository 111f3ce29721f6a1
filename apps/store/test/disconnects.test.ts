/** Clients that go while their calls are under way: what was bound to their channels goes when the last call has ended. */
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { BuildMode, Preparation } from '@cooper/contracts';
import t from 'tap';
import { build, inRoot, prepare, root } from './building.ts';
import { addDerivation, type MadeDerivation, makeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

const { store, client, place } = await openStore(t);
const { storeDir } = place;

/** Large enough for a call to be under way when its client goes: in bytes. */
const large = 2 ** 27;

/** Asks until nobody else has the locks. */
async function prepareUnlocked(made: MadeDerivation, mode: BuildMode): Promise<Preparation> {
  for (const deadline = Date.now() + 60_000; ; await delay(20)) {
    const preparation = await client.call('prepareBuild', { derivation: made.path, mode });
    if (preparation.status !== 'locked' || Date.now() > deadline) return preparation;
  }
}

t.test('while outputs are taken in', async (t) => {
  const other = await store.connect('another');
  const made = makeDerivation(storeDir, { name: 'registering' });
  await addDerivation(client, made);
  const prepared = await prepare(other, made);
  writeFileSync(inRoot(prepared, outputOf(made)), Buffer.alloc(large));
  const registering = codeOf(other.call('registerOutputs', { build: prepared.build, root }));
  // An answer to a later call shows that this one has begun.
  await other.call('queryValidPaths', { paths: [made.path] });
  other.close();
  t.equal(await registering, 'channel-closed');
  t.strictSame(await prepareUnlocked(made, 'normal'), { status: 'valid' }, 'what has begun is finished');
  t.notOk(existsSync(`${outputOf(made)}.lock`));
  t.strictSame(await place.left(), []);
});

t.test('while a build is prepared', async (t) => {
  const other = await store.connect('another');
  const { made } = await build({ client, storeDir }, { name: 'preparing' }, (path) =>
    writeFileSync(path(), Buffer.alloc(large)),
  );
  place.spoil(outputOf(made));
  const preparing = codeOf(other.call('prepareBuild', { derivation: made.path, mode: 'repair' }));
  await other.call('queryValidPaths', { paths: [made.path] });
  other.close();
  t.equal(await preparing, 'channel-closed');
  const preparation = await prepareUnlocked(made, 'repair');
  t.equal(preparation.status, 'prepared', 'nobody has its locks');
  if (preparation.status === 'prepared') await client.call('abandonBuild', { build: preparation.build });
  t.strictSame(await place.left(), []);
  t.notOk(existsSync(`${outputOf(made)}.lock`));
});
