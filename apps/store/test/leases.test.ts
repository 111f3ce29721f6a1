/** What keeps items from collection while somebody works with them, and for how long. */
import { writeFileSync } from 'node:fs';
import type { Ticket } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { addDerivation, addText, makeDerivation, outputOf } from './recipes.ts';
import { openStore, redeem, type StoreClient } from './running-store.ts';

t.setTimeout(120_000);

async function dead(client: StoreClient): Promise<readonly string[]> {
  const paths: StorePath[] = [];
  await client.call('collectGarbage', { action: 'dead' }, { onItem: (item) => void paths.push(...item.paths) });
  return paths.sort();
}

t.test('a lease lasts as long as its channel, or until it is given up', async (t) => {
  const { store, client } = await openStore(t);
  const other = await store.connect();
  const [mine, theirs] = [await addText(client, 'mine', 'x'), await addText(other, 'theirs', 'x')];
  t.strictSame(await dead(client), []);
  await client.call('releaseLeases', {});
  t.strictSame(await dead(client), [mine]);
  await client.call('addLeases', { paths: [mine] });
  t.strictSame(await dead(client), []);
  other.close();
  await other.closed;
  t.strictSame(await dead(client), [theirs]);
});

t.test('leases are given up group by group', async (t) => {
  const { client } = await openStore(t);
  const [one, two, none] = [
    await addText(client, 'one', 'x'),
    await addText(client, 'two', 'x'),
    await addText(client, 'none', 'x'),
  ];
  await client.call('addLeases', { paths: [one, two], group: 1 });
  await client.call('addLeases', { paths: [two], group: 2 });
  await client.call('releaseLeases', {});
  t.strictSame(await dead(client), [none]);
  await client.call('releaseLeases', { groups: [1] });
  t.strictSame(await dead(client), [none, one].sort());
  await client.call('releaseLeases', { groups: [1, 2] });
  t.strictSame(await dead(client), [none, one, two].sort());
});

t.test('a lease of a derivation is one of what it makes, if that is said', async (t) => {
  const { client, place } = await openStore(t);
  const made = makeDerivation(place.storeDir, { name: 'made-later' });
  await addDerivation(client, made);
  await client.call('addLeases', { paths: [made.path], outputs: true, group: 1 });
  const prepared = await client.call('prepareBuild', { derivation: made.path, mode: 'normal', inPlace: true });
  writeFileSync(outputOf(made), 'made');
  await client.call('registerOutputs', { build: prepared.status === 'prepared' ? prepared.build : -1 });
  // Building leases it to the channel as well: that lease is in no group.
  await client.call('releaseLeases', {});
  t.strictSame(await dead(client), []);
  await client.call('releaseLeases', { groups: [1] });
  t.strictSame(await dead(client), [made.path, outputOf(made)].sort());
});

t.test('a prepared build keeps its inputs and outputs until it ends', async (t) => {
  const { client, place } = await openStore(t);
  const input = makeDerivation(place.storeDir, { name: 'input' });
  const made = makeDerivation(place.storeDir, { name: 'made', inputs: [input] });
  for (const each of [input, made]) await addDerivation(client, each);
  const build = async (path: StorePath) => {
    const prepared = await client.call('prepareBuild', { derivation: path, mode: 'normal', inPlace: true });
    return prepared.status === 'prepared' ? prepared.build : -1;
  };
  const first = await build(input.path);
  writeFileSync(outputOf(input), 'input');
  await client.call('registerOutputs', { build: first });
  const second = await build(made.path);
  writeFileSync(outputOf(made), 'half made');
  await client.call('releaseLeases', {});
  t.strictSame(await dead(client), []);
  await client.call('collectGarbage', { action: 'delete-dead' });
  writeFileSync(outputOf(made), 'made');
  t.equal((await client.call('registerOutputs', { build: second })).status, 'registered');
  t.strictSame(await dead(client), [input.path, made.path, outputOf(input), outputOf(made)].sort());
});

t.test('an item whose archive is on its way is not collected meanwhile', async (t) => {
  const { client, place } = await openStore(t);
  const path = await addText(client, 'large', 'x'.repeat(8_000_000));
  await client.call('releaseLeases', {});
  let socket: Awaited<ReturnType<typeof redeem>> | undefined;
  const arrived = new Promise<void>((resolve) => {
    const onItem = async (ticket: Ticket) => {
      socket = await redeem(ticket);
      socket.once('readable', resolve);
    };
    void client.call('dumpPath', { path }, { onItem }).catch(() => undefined);
  });
  await arrived;
  const collect = () => client.call('collectGarbage', { action: 'delete-dead' });
  await collect();
  t.ok(place.items().length === 1, 'it is half read');
  let size = 0;
  for await (const chunk of socket ?? []) size += (chunk as Buffer).length;
  t.ok(size > 8_000_000);
  await collect();
  t.strictSame(place.items(), []);
});
