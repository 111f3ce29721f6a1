/** Substitutes: only what an authorised key has signed, byte for byte, and nothing visible before that is sure. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import type { Ticket } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import { fileArchive, NarWriter } from '@cooper/nar';
import type { NarinfoFacts } from '@cooper/narinfo';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { authoriseKeys, describe, freshKey, freshNixKey, narinfoOf, nixNarinfoOf } from './caches.ts';
import { codeOf, openStore, redeem, type StoreClient, StorePlace, send } from './running-store.ts';

t.setTimeout(240_000);

const key = freshKey();
const archive = fileArchive('contents');

/** Has the store take in `bytes` for the path that the narinfo is asked for. */
function substitute(client: StoreClient, path: StorePath, narinfo: Uint8Array, bytes: Uint8Array, mode = 'normal') {
  const wish = { path, narinfo, mode: mode === 'repair' ? ('repair' as const) : ('normal' as const) };
  return client.call('importSubstitute', wish, { onItem: (ticket: Ticket) => send(ticket, bytes) });
}

async function openTrusting(t: ConstructorParameters<typeof StorePlace>[0], words: readonly string[] = []) {
  const place = new StorePlace(t);
  authoriseKeys(place.stateDir, [key]);
  return openStore(t, { place, words });
}

t.test('what an authorised key has signed is taken in', async (t) => {
  const nixKey = freshNixKey();
  const { client, place } = await openTrusting(t, [`--trusted-public-keys=${nixKey.public}`]);
  const lower = describe(place.storeDir, archive);
  const { info } = await substitute(client, lower.path, narinfoOf(lower, key), archive);
  t.match(info, { path: lower.path, narSize: archive.length, references: [], deriver: null });
  t.equal(readFileSync(lower.path, 'utf8'), 'contents');
  const upperArchive = fileArchive(lower.path);
  const deriver = `${lower.path}.drv` as StorePath;
  const upper = describe(place.storeDir, upperArchive, { deriver });
  const facts: NarinfoFacts = { ...upper, references: [lower.path, upper.path].sort() };
  const taken = await substitute(client, facts.path, nixNarinfoOf(facts, nixKey.secret), upperArchive);
  t.match(taken.info, { path: facts.path, references: facts.references, deriver });
  t.equal(place.items().length, 2);
  t.strictSame(await place.left(), []);
});

t.test('S50: whom nobody authorised is not believed', async (t) => {
  const { client, place } = await openTrusting(t);
  const facts = describe(place.storeDir, archive);
  const [good, other] = [narinfoOf(facts, key), narinfoOf(facts, freshKey())];
  const refused = async (narinfo: Uint8Array, path = facts.path) => codeOf(substitute(client, path, narinfo, archive));
  t.equal(await refused(narinfoOf(facts)), 'unauthorized-substitute', 'unsigned');
  t.equal(await refused(other), 'unauthorized-substitute', 'another key');
  t.equal(await refused(nixNarinfoOf(facts, freshNixKey().secret)), 'unauthorized-substitute', "another key of Nix's");
  const changed = good.toString('latin1').replace(/^References: $/m, `References: ${facts.path.slice(-37)}`);
  t.equal(await refused(Buffer.from(changed)), 'unauthorized-substitute', 'changed');
  const mixed = good.toString().replace(/^Signature:.*$/m, /^Signature:.*$/m.exec(other.toString())?.[0] ?? '');
  t.equal(await refused(Buffer.from(mixed)), 'unauthorized-substitute', 'the signature of another');
  const elsewhere = describe(place.storeDir, archive);
  t.equal(await refused(good, elsewhere.path), 'invalid-narinfo', 'asked for another path');
  t.equal(await refused(Buffer.from('nonsense')), 'invalid-narinfo');
  const needy = describe(place.storeDir, archive, { references: [elsewhere.path] });
  t.equal(await refused(narinfoOf(needy, key), needy.path), 'path-not-valid', 'a reference is missing');
  t.strictSame(place.items(), []);
  t.equal(typeof (await refused(good)), 'object', 'and the good one is taken');
});

t.test('S79: bytes that are not those that were signed', async (t) => {
  const { client, place } = await openTrusting(t);
  const facts = describe(place.storeDir, archive);
  const narinfo = narinfoOf(facts, key);
  const wrong = Buffer.from(archive);
  wrong.write('C', archive.lastIndexOf('contents'));
  const cases = [
    ['hash-mismatch', wrong, 'another byte'],
    ['hash-mismatch', Buffer.concat([archive, Buffer.alloc(8)]), 'more bytes'],
    ['hash-mismatch', fileArchive('cont'), 'a smaller archive'],
    ['invalid-nar', archive.subarray(0, -8), 'fewer bytes'],
    ['invalid-nar', Buffer.alloc(0), 'nothing'],
    ['invalid-nar', Buffer.alloc(archive.length), 'no archive'],
  ] as const;
  for (const [code, bytes, what] of cases) {
    t.equal(await codeOf(substitute(client, facts.path, narinfo, bytes)), code, what);
    t.strictSame(place.items(), []);
    t.strictSame(await place.left(), []);
  }
  const error = await substitute(client, facts.path, narinfo, wrong).catch((error: unknown) => error);
  t.ok(isFault(error, 'hash-mismatch'));
  t.match((error as { facts: object }).facts, { path: facts.path, expected: /^sha256:/, actual: /^sha256:/ });
});

t.test('S66: a bomb is stopped at the size that was announced', async (t) => {
  const { client, place } = await openTrusting(t);
  const facts = describe(place.storeDir, archive, { narSize: 1_000_000 });
  const pieces: Buffer[] = [];
  const writer = new NarWriter((piece) => pieces.push(Buffer.from(piece)));
  writer.file(false, 10_000_000_000);
  writer.flush();
  let sent = 0;
  const flood = async (ticket: Ticket) => {
    const socket = await redeem(ticket);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.concat(pieces));
    const piece = Buffer.alloc(65_536);
    const more = () => {
      while (!socket.destroyed && socket.write(piece)) sent += piece.length;
    };
    socket.on('drain', more);
    more();
    await ended;
  };
  const wish = { path: facts.path, narinfo: narinfoOf(facts, key), mode: 'normal' as const };
  t.equal(await codeOf(client.call('importSubstitute', wish, { onItem: flood })), 'hash-mismatch');
  t.ok(sent < 10_000_000, `${sent} bytes were sent`);
  t.strictSame(await place.left(), []);
});

t.test('S61, S62, S64, S65, S68, S72: archives that somebody built to do harm, signed', async (t) => {
  const { client, place } = await openTrusting(t);
  const archives = readGoldenBundle('evil-nar/archives.tar.zst');
  const verdicts = readGoldenJson<readonly { file: string; aSafeReaderShould: string }[]>('evil-nar/verdicts.json.zst');
  let refused = 0;
  for (const { file, aSafeReaderShould } of verdicts) {
    const bytes = archives.get(file.replace(/\.gz$/, '')) ?? Buffer.of();
    // To remove a hundred thousand files or levels takes longer than the rest of this test.
    if (aSafeReaderShould !== 'refuse' || bytes.length === 0 || bytes.length > 200_000) continue;
    const facts = describe(place.storeDir, bytes);
    const code = await codeOf(substitute(client, facts.path, narinfoOf(facts, key), bytes));
    t.ok(code === 'invalid-nar' || code === 'hash-mismatch', `${file}: ${code}`);
    refused++;
  }
  t.ok(refused > 100, `${refused} were sent`);
  t.strictSame(place.items(), []);
  // All of it is removed in the background, by one thread.
  let left = await place.left();
  for (let tries = 0; tries < 5 && left.length > 0; tries++) left = await place.left();
  t.strictSame(left, []);
});

t.test('what is valid already is left alone, unless it is to be repaired', async (t) => {
  const { client, place } = await openTrusting(t);
  const facts = describe(place.storeDir, archive);
  const narinfo = narinfoOf(facts, key);
  await substitute(client, facts.path, narinfo, archive);
  chmodSync(facts.path, 0o644);
  writeFileSync(facts.path, 'damaged!');
  let tickets = 0;
  const wish = { path: facts.path, narinfo };
  await client.call('importSubstitute', { ...wish, mode: 'normal' }, { onItem: () => void tickets++ });
  t.equal(tickets, 0, 'no bytes are asked for');
  t.equal(readFileSync(facts.path, 'utf8'), 'damaged!');
  const nothing = await codeOf(substitute(client, facts.path, narinfo, Buffer.alloc(0), 'repair'));
  t.equal(nothing, 'invalid-nar');
  t.equal(readFileSync(facts.path, 'utf8'), 'damaged!', 'a repair that fails changes nothing');
  await substitute(client, facts.path, narinfo, archive, 'repair');
  t.equal(readFileSync(facts.path, 'utf8'), 'contents');
  t.strictSame(await place.left(), []);
});

t.test(
  'keys count from the moment they are authorised; unauthenticated substitutes only when that is wanted',
  async (t) => {
    const place = new StorePlace(t);
    const { store, client } = await openStore(t, { place });
    const facts = describe(place.storeDir, archive);
    const narinfo = narinfoOf(facts, key);
    t.equal(await codeOf(substitute(client, facts.path, narinfo, archive)), 'unauthorized-substitute');
    authoriseKeys(place.stateDir, [key]);
    t.equal((await substitute(client, facts.path, narinfo, archive)).info.path, facts.path);
    writeFileSync(`${place.stateDir}/etc/acl`, 'nonsense');
    const next = describe(place.storeDir, archive);
    t.equal(await codeOf(substitute(client, next.path, narinfoOf(next, key), archive)), 'invalid-access-list');
    await store.stop();
    authoriseKeys(place.stateDir, []);
    const careless = await openStore(t, { place, words: ['--allow-unauthenticated-substitutes=yes'] });
    t.equal((await substitute(careless.client, next.path, narinfoOf(next), archive)).info.path, next.path);
    t.match(careless.store.log, new RegExp(`taking in .${next.path}. though nobody vouches for it`));
    const wrong = describe(place.storeDir, archive);
    t.equal(
      await codeOf(substitute(careless.client, wrong.path, narinfoOf(wrong), fileArchive('other'))),
      'hash-mismatch',
    );
  },
);
