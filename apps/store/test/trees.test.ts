/** Trees that come in, by ticket: what becomes of good ones, and that nothing becomes of others. */

import { lstatSync } from 'node:fs';
import { formatPrefixedHash, hashBytes } from '@cooper/hash';
import { fileArchive } from '@cooper/nar';
import { hashTree } from '@cooper/nar-files';
import { makeFixedOutputPath } from '@cooper/store-path';
import t from 'tap';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { makeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore, redeem, type StoreClient, send } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

const { store, client, place } = await openStore(t);
const { storeDir } = place;

function addTree(
  on: StoreClient,
  name: string,
  bytes: Uint8Array,
  more: { recursive?: boolean; hashAlgorithm?: string } = {},
) {
  const wish = { name, recursive: true, hashAlgorithm: 'sha256', ...more };
  return on.call('addTree', wish, { onItem: (ticket) => send(ticket, bytes) });
}

t.test('a tree, recursive and flat', async (t) => {
  const bytes = fileArchive('contents', true);
  const { info } = await addTree(client, 'program', bytes);
  t.equal(
    info.path,
    makeFixedOutputPath({ storeDir, name: 'program', hash: hashBytes('sha256', bytes), recursive: true }),
  );
  t.equal(lstatSync(info.path).mode, 0o100555);
  t.equal(info.narSize, bytes.length);
  const sha1 = await addTree(client, 'program', bytes, { hashAlgorithm: 'sha1' });
  t.not(sha1.info.path, info.path);
  t.equal(sha1.info.narHash, info.narHash);
  const flat = await addTree(client, 'program', bytes, { recursive: false });
  t.equal(
    flat.info.path,
    makeFixedOutputPath({
      storeDir,
      name: 'program',
      hash: hashBytes('sha256', Buffer.from('contents')),
      recursive: false,
    }),
  );
  t.equal(lstatSync(flat.info.path).mode, 0o100444, 'a flat file is not executable');
  t.equal(flat.info.narHash, formatPrefixedHash(hashTree(flat.info.path).hash, 'base16'));
});

t.test('a derivation that comes in as a tree is checked, too', async (t) => {
  const made = makeDerivation(storeDir, { name: 'by-archive' });
  const { info } = await addTree(client, 'by-archive.drv', fileArchive(made.text.contents), { recursive: false });
  t.strictSame(await client.call('queryDerivers', { paths: [outputOf(made)] }), { derivers: [[info.path]] });
  t.equal(await codeOf(addTree(client, 'by-archive.drv', fileArchive('no derivation'))), 'invalid-derivation');
});

t.test('hostile archives leave nothing', async (t) => {
  const before = place.items();
  const archives = readGoldenBundle('evil-nar/archives.tar.zst');
  const verdicts = readGoldenJson<readonly { file: string; aSafeReaderShould: string }[]>('evil-nar/verdicts.json.zst');
  let refused = 0;
  for (const { file, aSafeReaderShould } of verdicts) {
    const bytes = archives.get(file) ?? archives.get(`evil-nar/${file}`);
    if (bytes === undefined || aSafeReaderShould !== 'refuse' || file.endsWith('.gz')) continue;
    const code = await codeOf(addTree(client, 'evil', bytes));
    if (code !== 'invalid-nar') t.fail(`${file}: ${JSON.stringify(code)}`);
    refused++;
  }
  t.ok(refused > 100, `${refused} archives`);
  const flat = { recursive: false };
  const directory = readGoldenBundle('evil-nar/archives.tar.zst').get('control-good.nar');
  t.equal(await codeOf(addTree(client, 'flat', directory ?? Buffer.alloc(0), flat)), 'not-a-regular-file');
  t.equal(
    await codeOf(addTree(client, 'x', Buffer.concat([fileArchive('x'), Buffer.alloc(8)]))),
    'invalid-nar',
    'trailing bytes',
  );
  t.equal(await codeOf(addTree(client, 'x', fileArchive('x'), { hashAlgorithm: 'crc32' })), 'invalid-hash');
  t.strictSame(place.items(), before);
  t.strictSame(await place.left(), []);
});

t.test('tickets', async (t) => {
  const bytes = fileArchive('by ticket');
  let used: Parameters<typeof redeem>[0] | undefined;
  await client.call(
    'addTree',
    { name: 'ticket', recursive: true, hashAlgorithm: 'sha256' },
    {
      onItem: async (ticket) => {
        used = ticket;
        const guess = await redeem({ ...ticket, ticket: '0'.repeat(ticket.ticket.length) });
        await new Promise((resolve) => guess.once('close', resolve));
        await send(ticket, bytes);
      },
    },
  );
  t.ok(used);
  if (used === undefined) return;
  const again = await redeem(used);
  await new Promise((resolve) => again.once('close', resolve));
  t.pass('a ticket serves once, and nobody guesses one');
});

t.test('a call that is cancelled, or whose caller goes, ends its transfer', async (t) => {
  const wish = { name: 'cut-off', recursive: true, hashAlgorithm: 'sha256' };
  const half = fileArchive('x'.repeat(100_000)).subarray(0, 50_000);
  const abort = new AbortController();
  const cancelled = codeOf(
    client.call('addTree', wish, {
      signal: abort.signal,
      onItem: async (ticket) => {
        (await redeem(ticket)).write(half);
        setTimeout(() => abort.abort(), 50);
      },
    }),
  );
  t.equal(await cancelled, 'cancelled');
  const { client: other } = await openStore(t, {});
  other.close();
  t.strictSame(await place.left(), []);
});

t.test('the same additions on many channels at once', async (t) => {
  const channels = await Promise.all(Array.from({ length: 4 }, () => store.connect()));
  const texts = Array.from({ length: 50 }, (_, index) => ({
    name: 'shared-text',
    contents: Buffer.from(`shared ${index}`),
    references: [],
  }));
  const added = await Promise.all(
    channels.map(async (channel) => {
      const trees = [1, 2].map(() => addTree(channel, 'shared', fileArchive('shared contents')));
      const { paths } = await channel.call('addTexts', { texts });
      return [...(await Promise.all(trees)).map(({ info }) => info.path), ...paths];
    }),
  );
  t.equal(new Set(added.flat()).size, 51);
  for (const channel of channels) channel.close();
  t.strictSame(await place.left(), []);
  t.strictSame(
    place.items().filter((name) => name.endsWith('.lock')),
    [],
  );
});
