/** Archives and exports, out of a store and into one; streams that Nix made, and broken ones. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Ticket } from '@cooper/contracts';
import { dumpTree, removeTree } from '@cooper/nar-files';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { addDerivation, addText, makeDerivation } from './recipes.ts';
import { codeOf, openStore, receive, type StoreClient, StorePlace, send } from './running-store.ts';

// Each of some dozen processes takes its time to start.
t.setTimeout(240_000);

interface Recorded {
  readonly closure: { readonly file: string; readonly paths: readonly RecordedPath[] };
  readonly topOnly: { readonly file: string };
  readonly nothing: { readonly file: string };
  readonly broken: readonly { readonly file: string; readonly nix: string; readonly validAfter: readonly string[] }[];
}

interface RecordedPath {
  readonly path: string;
  readonly references: readonly string[];
  readonly deriver: string;
  readonly narSize: number;
}

const recorded = readGoldenJson<Recorded>('export/nix.json.zst');
const streams = readGoldenBundle('export/streams.tar.zst');

/** A store directory whose path is as long as `/nix/store`, so that recorded streams hold good with one for the other. */
function placeLikeNix(t: ConstructorParameters<typeof StorePlace>[0]): StorePlace {
  const storeDir = `/tmp/${randomBytes(3).toString('hex').slice(0, 5)}`;
  mkdirSync(storeDir);
  t.teardown(() => void removeTree(storeDir));
  return Object.assign(new StorePlace(t), { storeDir });
}

function translate({ storeDir }: StorePlace, bytes: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('/nix/store', storeDir), 'latin1');
}

function importBytes(client: StoreClient, bytes: Uint8Array, allowUnsigned = true) {
  return client.call('importPaths', { allowUnsigned }, { onItem: (ticket) => send(ticket, bytes) });
}

async function exportBytes(client: StoreClient, paths: readonly StorePath[]): Promise<Buffer> {
  const received: Promise<Buffer>[] = [];
  await client.call('exportPaths', { paths }, { onItem: (ticket) => void received.push(receive(ticket)) });
  return received[0] ?? Buffer.alloc(0);
}

async function validPaths(client: StoreClient): Promise<StorePath[]> {
  const valid: StorePath[] = [];
  await client.call('queryAllValidPaths', {}, { onItem: ({ paths }) => void valid.push(...paths) });
  return valid;
}

function stream(file: string): Buffer {
  const bytes = streams.get(file);
  if (bytes === undefined) throw new Error(`there is no ${file}`);
  return bytes;
}

t.test('a stream that Nix made', async (t) => {
  const place = placeLikeNix(t);
  const { client } = await openStore(t, { place });
  const bytes = translate(place, stream(recorded.closure.file));
  const expected = recorded.closure.paths.map(({ path }) => path.replace('/nix/store', place.storeDir) as StorePath);
  t.strictSame(await importBytes(client, bytes), { paths: expected });
  const { infos } = await client.call('queryPathInfos', { paths: expected });
  const own = (text: string) => text.replace('/nix/store', place.storeDir);
  t.strictSame(
    infos.map((info) => [info?.references, info?.deriver, info?.narSize]),
    recorded.closure.paths.map(({ references, deriver, narSize }) => [
      references.map(own).sort(),
      own(deriver),
      narSize,
    ]),
  );
  t.ok((await exportBytes(client, expected)).equals(bytes), 'our export is the same stream');
  t.strictSame(await importBytes(client, bytes), { paths: expected }, 'a second time');
  t.strictSame(await importBytes(client, stream(recorded.nothing.file)), { paths: [] });
});

t.test('S56: streams that are broken, or want what is not there', async (t) => {
  const verdicts: Readonly<Record<string, string>> = {
    'nix-broken/twice.export': 'accepted',
    'nix-broken/trailing.export': 'invalid-export',
    'nix-broken/nar-byte-changed.export': 'accepted',
    // Nix passes over signatures of this kind. Here one that is there has to be good.
    'nix-broken/legacy-signature.export': 'unauthorized-import',
  };
  t.equal(recorded.broken.length, 14);
  let place = placeLikeNix(t);
  let { store, client } = await openStore(t, { place });
  for (const { file, validAfter } of recorded.broken) {
    const code = await codeOf(importBytes(client, translate(place, stream(file))));
    const found = typeof code === 'string' ? code : 'accepted';
    t.equal(found, verdicts[file] ?? 'invalid-export', file);
    // What was whole before the stream broke is registered, as with Nix, and nothing else is.
    const expected = /legacy-(?:flag-2|signature)/.test(file) ? [] : validAfter;
    const { storeDir } = place;
    t.strictSame(await validPaths(client), expected.map((path) => path.replace('/nix/store', storeDir)).sort(), file);
    t.strictSame(await place.left(), [], file);
    if (expected.length === 0) continue;
    await store.stop();
    place = placeLikeNix(t);
    ({ store, client } = await openStore(t, { place }));
  }
});

t.test('a stream whose references are missing; an unsigned one where that is not allowed', async (t) => {
  const place = placeLikeNix(t);
  const { client } = await openStore(t, { place });
  t.equal(await codeOf(importBytes(client, translate(place, stream(recorded.topOnly.file)))), 'path-not-valid');
  const closure = translate(place, stream(recorded.closure.file));
  t.equal(await codeOf(importBytes(client, closure, false)), 'unsigned-import');
  t.strictSame(await validPaths(client), []);
  t.strictSame(place.items(), []);
  t.strictSame(await place.left(), []);
});

t.test('from one store to another, derivations too', async (t) => {
  const place = new StorePlace(t);
  const first = await openStore(t, { place });
  const source = await addText(first.client, 'source', 'x'.repeat(300_000));
  const lower = makeDerivation(place.storeDir, { name: 'lower', sources: [source] });
  const upper = makeDerivation(place.storeDir, { name: 'upper', inputs: [lower] });
  for (const made of [lower, upper]) await addDerivation(first.client, made);
  const closure = (await first.client.call('queryClosure', { paths: [upper.path] })).paths;
  const bytes = await exportBytes(first.client, closure);
  const infos = await first.client.call('queryPathInfos', { paths: closure });
  await first.store.stop();
  removeTree(place.storeDir);
  removeTree(place.stateDir);
  const second = await openStore(t, { place });
  t.strictSame(await importBytes(second.client, bytes), { paths: closure });
  const again = await second.client.call('queryPathInfos', { paths: closure });
  const plain = ({ infos: list }: typeof infos) => list.map((info) => ({ ...info, registrationTime: 0 }));
  t.strictSame(plain(again), plain(infos));
  const derivers = await second.client.call('queryDerivers', {
    paths: [...lower.derivation.outputs.values()].map(({ path }) => path),
  });
  t.strictSame(derivers, { derivers: [[lower.path]] });
  const forged = Buffer.from(bytes.toString('latin1').replace('Derive([("out"', 'Derive([("ouu"'), 'latin1');
  await second.store.stop();
  removeTree(place.storeDir);
  removeTree(place.stateDir);
  const third = await openStore(t, { place });
  t.equal(await codeOf(importBytes(third.client, forged)), 'incorrect-output-path');
  t.strictSame(await validPaths(third.client), [source], 'what came before it is valid');
});

t.test('the archive of a path', async (t) => {
  const { client, place } = await openStore(t);
  const path = await addText(client, 'large', 'x'.repeat(5_000_000));
  const received: Promise<Buffer>[] = [];
  const onItem = (ticket: Ticket) => void received.push(receive(ticket));
  const { narSize } = await client.call('dumpPath', { path }, { onItem });
  const bytes = (await received[0]) ?? Buffer.alloc(0);
  t.ok(bytes.equals(Buffer.concat(Array.from(dumpTree(path), (piece) => Buffer.from(piece)))));
  t.equal(narSize, bytes.length);
  const missing = `${place.storeDir}/${'0'.repeat(32)}-missing` as StorePath;
  t.equal(await codeOf(client.call('dumpPath', { path: missing })), 'path-not-valid');
  t.equal(await codeOf(client.call('exportPaths', { paths: [path, missing] })), 'path-not-valid');
  chmodSync(path, 0o644);
  writeFileSync(path, 'y'.repeat(5_000_000));
  t.equal(await codeOf(client.call('dumpPath', { path }, { onItem })), 'path-corrupt');
  t.equal(await codeOf(exportBytes(client, [path])), 'path-corrupt', 'damage does not spread');
});
