/** Signed exports: made with the store's key, taken by a store that has authorised it, and by no other. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { toBytes } from '@cooper/byte-string';
import { removeTree } from '@cooper/nar-files';
import { makeSecretKey, parseSecretKey, printAdvanced } from '@cooper/signature';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { authoriseKeys, freshKey } from './caches.ts';
import { addText } from './recipes.ts';
import { codeOf, openStore, receive, type StoreClient, StorePlace, send } from './running-store.ts';

t.setTimeout(240_000);

const { secret } = makeSecretKey(Buffer.alloc(32, 7));
const key = parseSecretKey(toBytes(printAdvanced(secret)));

async function exportSigned(client: StoreClient, paths: readonly StorePath[]): Promise<Buffer> {
  const received: Promise<Buffer>[] = [];
  await client.call('exportPaths', { paths, sign: true }, { onItem: (ticket) => void received.push(receive(ticket)) });
  return received[0] ?? Buffer.alloc(0);
}

function importBytes(client: StoreClient, bytes: Uint8Array, allowUnsigned = false) {
  return client.call('importPaths', { allowUnsigned }, { onItem: (ticket) => send(ticket, bytes) });
}

t.test('S56: from store to store', async (t) => {
  const place = new StorePlace(t);
  const first = await openStore(t, { place });
  const lower = await addText(first.client, 'lower', 'contents');
  const upper = await addText(first.client, 'upper', lower, [lower]);
  t.equal(await codeOf(exportSigned(first.client, [lower])), 'no-signing-key');
  mkdirSync(`${place.stateDir}/etc`);
  writeFileSync(`${place.stateDir}/etc/signing-key.sec`, printAdvanced(secret), { mode: 0o400 });
  const bytes = await exportSigned(first.client, [lower, upper]);
  t.equal(bytes.toString('latin1').split('(signature \n').length, 3, 'each path is signed');
  t.ok((await exportSigned(first.client, [lower, upper])).equals(bytes), 'the same each time');
  await first.store.stop();
  removeTree(place.storeDir);
  removeTree(place.stateDir);

  const { client } = await openStore(t, { place });
  const reasonOf = async (stream: Uint8Array, allowUnsigned = false) => {
    const error = await importBytes(client, stream, allowUnsigned).catch((error: unknown) => error as Error);
    return error instanceof Error ? [(error as { code?: unknown }).code, error.message.split('\n')[0]] : 'taken';
  };
  const unauthorised = ['unauthorized-import', 'unauthorized public key: (public-key '];
  t.strictSame(await reasonOf(bytes), unauthorised);
  t.strictSame(await reasonOf(bytes, true), unauthorised, 'for the owner, too: without one it could have come');
  authoriseKeys(place.stateDir, [freshKey(), key]);
  const changed = (from: string, to: string) => Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
  const mismatch = ['unauthorized-import', /^signed hash doesn't match actual contents of imported archive/];
  const place0 = bytes.lastIndexOf('contents', bytes.indexOf('NIXE'));
  const other = Buffer.from(bytes);
  other.write('C', place0);
  t.match(await reasonOf(other), mismatch);
  const [, r = ''] = /\(r #([0-9A-F]+)#\)/.exec(bytes.toString('latin1')) ?? [];
  const flipped = `${r.slice(0, -1)}${r.endsWith('0') ? '1' : '0'}`;
  t.match(await reasonOf(changed(r, flipped)), ['unauthorized-import', /^invalid signature: /]);
  t.match(await reasonOf(changed('(signature ', '(signAture ')), ['unauthorized-import', /^corrupt signature data: /]);
  t.strictSame(place.items(), []);
  t.strictSame(await place.left(), []);
  t.strictSame(await importBytes(client, bytes), { paths: [lower, upper] });
});
