/** Outputs that were made on another machine: what authorised keys have signed is judged like what was built here. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { toBytes } from '@cooper/byte-string';
import { removeTree } from '@cooper/nar-files';
import { makeSecretKey, parseSecretKey, printAdvanced } from '@cooper/signature';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { type Builder, build, type Prepared, prepare } from './building.ts';
import { authoriseKeys, freshKey } from './caches.ts';
import { addDerivation, addText, type MadeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore, receive, redeem, type StoreClient, StorePlace, send } from './running-store.ts';

t.setTimeout(240_000);

const { secret } = makeSecretKey(Buffer.alloc(32, 7));
const key = parseSecretKey(toBytes(printAdvanced(secret)));

async function exported(client: StoreClient, paths: readonly StorePath[], sign = true): Promise<Buffer> {
  const received: Promise<Buffer>[] = [];
  await client.call('exportPaths', { paths, sign }, { onItem: (ticket) => void received.push(receive(ticket)) });
  return received[0] ?? Buffer.alloc(0);
}

function deliver(client: StoreClient, { path }: MadeDerivation, bytes: Uint8Array) {
  return client.call('deliverOutputs', { derivation: path }, { onItem: (ticket) => send(ticket, bytes) });
}

const recipe = { name: 'wanted', outputs: ['out', 'lib'] };

/** Both outputs, of which one refers to the other. */
const builder: Builder = (path, made) => {
  mkdirSync(path('lib'));
  writeFileSync(`${path('lib')}/file`, 'built there');
  writeFileSync(path(), outputOf(made, 'lib'));
};

interface Sent {
  readonly both: Buffer;
  readonly libOnly: Buffer;
  readonly unsigned: Buffer;
  /** An item that is no output. */
  readonly foreign: Buffer;
}

/** Has another store, of which nothing stays, build and export. */
async function buildElsewhere(t: ConstructorParameters<typeof StorePlace>[0], place: StorePlace) {
  const { store, client } = await openStore(t, { place });
  mkdirSync(`${place.stateDir}/etc`);
  writeFileSync(`${place.stateDir}/etc/signing-key.sec`, printAdvanced(secret), { mode: 0o400 });
  const { made } = await build({ client, storeDir: place.storeDir }, recipe, builder);
  const [out, lib] = [outputOf(made), outputOf(made, 'lib')];
  const text = await addText(client, 'text', 'not wanted');
  const sent: Sent = {
    both: await exported(client, [lib, out]),
    libOnly: await exported(client, [lib]),
    unsigned: await exported(client, [lib, out], false),
    foreign: await exported(client, [lib, text, out]),
  };
  await store.stop();
  removeTree(place.storeDir);
  removeTree(place.stateDir);
  return { made, out, lib, ...sent };
}

async function infoOf(client: StoreClient, path: StorePath) {
  return (await client.call('queryPathInfos', { paths: [path] })).infos[0];
}

/** Prepares as soon as whoever had the locks has let them go. */
async function prepareSoon(client: StoreClient, made: MadeDerivation): Promise<Prepared> {
  for (;;) {
    const preparation = await client.call('prepareBuild', { derivation: made.path, mode: 'normal' });
    if (preparation.status === 'prepared') return preparation;
    await delay(20);
  }
}

/** Names in the staging directory of a build. */
function delivered({ directory }: Prepared): string[] {
  return readdirSync(Buffer.from(directory).toString()).filter((name) => name !== 'root');
}

t.test('S79: only what is signed and wanted comes in, and only while a build is under way', async (t) => {
  const place = new StorePlace(t);
  const { made, out, lib, both, unsigned, foreign } = await buildElsewhere(t, place);
  const { store, client } = await openStore(t, { place });
  // The agent that delivers has a channel of its own.
  const agent = await store.connect('agent');
  await addDerivation(client, made);
  t.equal(await codeOf(deliver(agent, made, both)), 'unknown-build');
  const prepared = await prepare(client, made);
  t.match(await codeOf(deliver(agent, made, both)), 'unauthorized-import');
  authoriseKeys(place.stateDir, [freshKey(), key]);
  t.equal(await codeOf(deliver(agent, made, unsigned)), 'unsigned-import');
  t.equal(await codeOf(deliver(agent, made, foreign)), 'unwanted-output', 'an item that is no output');
  const twice = Buffer.concat([both.subarray(0, -8), both]);
  t.equal(await codeOf(deliver(agent, made, twice)), 'unwanted-output', 'the same twice');
  t.equal(await codeOf(deliver(agent, made, both.subarray(0, -20))), 'invalid-export', 'cut off');
  t.equal(await codeOf(deliver(agent, made, Buffer.concat([both, Buffer.from('x')]))), 'invalid-export');
  t.strictSame(delivered(prepared), [], 'nothing is left of those');

  const { storeDirectory, paths } = await deliver(agent, made, both);
  t.strictSame(paths, [lib, out]);
  t.strictSame(await client.call('queryValidPaths', { paths }), { paths: [] }, 'nothing shows before it is judged');
  t.strictSame(place.items(), [made.path, `${lib}.lock`, `${out}.lock`].map((path) => basename(path)).sort());
  await client.call('collectGarbage', { action: 'delete-dead' });
  const registration = await client.call('registerOutputs', { build: prepared.build, storeDirectory });
  t.match(registration, { status: 'registered', infos: [{ deriver: made.path }, { references: [lib] }] });
  t.equal(readFileSync(`${lib}/file`, 'utf8'), 'built there');
  t.equal(await codeOf(deliver(agent, made, both)), 'unknown-build', 'it is over');
  t.strictSame(await place.left(), []);
});

t.test('a delivery that has less than all; outputs that are valid already', async (t) => {
  const place = new StorePlace(t);
  const { made, out, lib, both, libOnly } = await buildElsewhere(t, place);
  const { client } = await openStore(t, { place });
  authoriseKeys(place.stateDir, [key]);
  await addDerivation(client, made);
  const first = await prepare(client, made);
  const { storeDirectory } = await deliver(client, made, libOnly);
  const answer = await client.call('registerOutputs', { build: first.build, storeDirectory });
  t.match(answer, { status: 'rejected', code: 'output-missing' }, 'what is not sent was not made');
  t.strictSame(await client.call('queryValidPaths', { paths: [lib, out] }), { paths: [] });

  await client.call('importPaths', { allowUnsigned: false }, { onItem: (ticket) => send(ticket, libOnly) });
  const before = await infoOf(client, lib);
  const second = await prepare(client, made);
  t.strictSame(second.missing, [{ name: 'out', path: out }]);
  const again = await deliver(client, made, both);
  t.strictSame(again.paths, [out], 'the other one is there');
  const place2 = { build: second.build, storeDirectory: again.storeDirectory };
  t.match(await client.call('registerOutputs', place2), { status: 'registered' });
  t.strictSame(await infoOf(client, lib), before);
  t.strictSame(await place.left(), []);
});

t.test('a build that ends while its outputs come; imports of the same', async (t) => {
  const place = new StorePlace(t);
  const { made, out, lib, both } = await buildElsewhere(t, place);
  const { store, client } = await openStore(t, { place });
  authoriseKeys(place.stateDir, [key]);
  await addDerivation(client, made);
  const agent = await store.connect('agent');
  const doomed = await store.connect('scheduler');
  await prepare(doomed, made);
  const connected = Promise.withResolvers<Socket>();
  const late = agent.call(
    'deliverOutputs',
    { derivation: made.path },
    { onItem: async (ticket) => connected.resolve(await redeem(ticket)) },
  );
  const socket = await connected.promise;
  socket.write(both.subarray(0, 200));
  doomed.close();
  const second = await prepareSoon(client, made);
  socket.end(both.subarray(200));
  t.equal(await codeOf(late), 'unknown-build', 'it was for the one before');
  t.strictSame(delivered(second), []);

  // Whoever imports what is being built waits until it is.
  const importing = agent.call('importPaths', { allowUnsigned: false }, { onItem: (ticket) => send(ticket, both) });
  const { storeDirectory } = await deliver(client, made, both);
  t.strictSame(await client.call('queryValidPaths', { paths: [lib, out] }), { paths: [] });
  t.match(await client.call('registerOutputs', { build: second.build, storeDirectory }), { status: 'registered' });
  t.strictSame(await importing, { paths: [lib, out] });
  t.strictSame(await place.left(), []);
});
