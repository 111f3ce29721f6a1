/** Small substitutes, many in one call: each is judged by itself, as strictly as a large one. */
import { existsSync, readFileSync } from 'node:fs';
import type { SmallSubstituteEnd } from '@cooper/contracts';
import { fileArchive } from '@cooper/nar';
import type { NarinfoFacts } from '@cooper/narinfo';
import t from 'tap';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { authoriseKeys, describe, freshKey, narinfoOf } from './caches.ts';
import { holdLock } from './lock-holding.ts';
import { openStore, type StoreClient, StorePlace } from './running-store.ts';

t.setTimeout(120_000);

const key = freshKey();

async function openTrusting(t: ConstructorParameters<typeof StorePlace>[0]) {
  const place = new StorePlace(t);
  authoriseKeys(place.stateDir, [key]);
  return openStore(t, { place });
}

interface Sent {
  readonly facts: NarinfoFacts;
  readonly archive: Uint8Array;
  readonly narinfo?: Uint8Array;
}

/** The ends of all of them, by path. */
async function send(client: StoreClient, all: readonly Sent[], onEnd: (end: SmallSubstituteEnd) => void = () => {}) {
  const ends = new Map<string, SmallSubstituteEnd>();
  const substitutes = all.map(({ facts, archive, narinfo = narinfoOf(facts, key) }) => ({
    path: facts.path,
    narinfo,
    archive,
  }));
  const onItem = (end: SmallSubstituteEnd) => {
    ends.set(end.status === 'registered' ? end.info.path : end.path, end);
    onEnd(end);
  };
  await client.call('importSmallSubstitutes', { substitutes }, { onItem });
  return all.map(({ facts }) => ends.get(facts.path));
}

t.test('S79: of many, those that are right are taken in, and the others are not', async (t) => {
  const { client, place } = await openTrusting(t);
  const make = (text: string, more: Partial<NarinfoFacts> = {}): Sent => {
    const archive = fileArchive(text);
    return { facts: describe(place.storeDir, archive, more), archive };
  };
  const good = Array.from({ length: 150 }, (_, index) => make(`good ${index}`));
  const [wrong, unsigned, absent] = [make('wrong'), make('unsigned'), make('absent')];
  const needy = make('needy', { references: [absent.facts.path] });
  const bad: readonly Sent[] = [
    { ...wrong, archive: fileArchive('Wrong') },
    { ...unsigned, narinfo: narinfoOf(unsigned.facts) },
    needy,
    { ...make('longer'), archive: Buffer.concat([fileArchive('longer'), Buffer.alloc(8)]) },
    { ...make('cut off'), archive: fileArchive('cut off').subarray(0, -8) },
    { ...make('of another'), narinfo: narinfoOf(wrong.facts, key) },
  ];
  const ends = await send(client, [...bad, ...good]);
  t.match(
    ends.slice(0, bad.length).map((end) => (end?.status === 'refused' ? end.code : end)),
    ['hash-mismatch', 'unauthorized-substitute', 'path-not-valid', 'hash-mismatch', 'invalid-nar', 'invalid-narinfo'],
  );
  t.match(ends[0], { expected: /^sha256:/, actual: /^sha256:/ });
  t.ok(ends.slice(bad.length).every((end) => end?.status === 'registered'));
  t.equal(readFileSync(good[7]?.facts.path ?? '', 'utf8'), 'good 7');
  t.equal(place.items().length, good.length);
  t.strictSame(await place.left(), []);
  const again = await send(client, good.slice(0, 2));
  t.match(again, [{ status: 'registered' }, { status: 'registered' }], 'what is valid already is just said');
});

t.test('one whose lock another program holds does not hold up the others', async (t) => {
  const { client, place } = await openTrusting(t);
  const archive = fileArchive('same');
  const all = Array.from({ length: 3 }, () => ({ facts: describe(place.storeDir, archive), archive }));
  const locked = all[1]?.facts.path ?? '';
  const release = await holdLock(t, `${locked}.lock`, 'exclusive');
  let registered = 0;
  const ends = await send(client, all, (end) => {
    t.equal(end.status, 'registered');
    if (++registered < 2) return;
    if (registered === 2) t.notOk(existsSync(locked), 'the others are there first');
    void release();
  });
  t.equal(ends.length, 3);
  t.ok(existsSync(locked));
  t.strictSame(await place.left(), []);
});

t.test('S61, S62, S64, S65, S68, S72: small archives that somebody built to do harm, signed', async (t) => {
  const { client, place } = await openTrusting(t);
  const archives = readGoldenBundle('evil-nar/archives.tar.zst');
  const verdicts = readGoldenJson<readonly { file: string; aSafeReaderShould: string }[]>('evil-nar/verdicts.json.zst');
  const evil = verdicts.flatMap(({ file, aSafeReaderShould }) => {
    const archive = archives.get(file.replace(/\.gz$/, '')) ?? Buffer.of();
    const fits = aSafeReaderShould === 'refuse' && archive.length > 0 && archive.length <= 20_000;
    return fits ? [{ facts: describe(place.storeDir, archive), archive }] : [];
  });
  t.ok(evil.length > 100, `${evil.length} are sent`);
  for (const end of await send(client, evil))
    t.match(end, { status: 'refused', code: /^(invalid-nar|hash-mismatch)$/ });
  t.strictSame(place.items(), []);
  let left = await place.left();
  for (let tries = 0; tries < 5 && left.length > 0; tries++) left = await place.left();
  t.strictSame(left, []);
});
