/**
 * A store that is killed at each of the points that an item passes, and what the next one makes of what is left: the
 * invariants of docs/store-states.md.
 */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileArchive } from '@cooper/nar';
import t from 'tap';
import type { FaultPoint } from '../src/shell/fault-point.ts';
import { authoriseKeys, describe, freshKey, narinfoOf } from './caches.ts';
import { type MadeDerivation, makeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore, type StoreClient, StorePlace, send, startStore } from './running-store.ts';
import { checkStore } from './whole-store.ts';

// Each of some fifty processes takes its time to start.
t.setTimeout(480_000);

/** What is being done when the store dies. `tag` makes it work of its own. */
interface Work {
  readonly name: string;
  readonly run: (client: StoreClient, place: StorePlace, tag: string) => Promise<unknown>;
  /** The points that this work passes. */
  readonly points: readonly FaultPoint[];
}

function addTexts(client: StoreClient, tag: string): Promise<unknown> {
  const texts = ['a', 'b', 'c'].map((name) => ({ name, contents: Buffer.from(tag), references: [] }));
  return client.call('addTexts', { texts });
}

function addTree(client: StoreClient, tag: string): Promise<unknown> {
  const wish = { name: 'tree', recursive: true, hashAlgorithm: 'sha256' };
  return client.call('addTree', wish, { onItem: (ticket) => send(ticket, fileArchive(tag)) });
}

function derivationFor({ storeDir }: StorePlace, tag: string): MadeDerivation {
  return makeDerivation(storeDir, { name: 'built', outputs: ['out', 'lib'], env: { tag } });
}

async function buildBoth(client: StoreClient, made: MadeDerivation, root: string | undefined): Promise<void> {
  const prepared = await client.call('prepareBuild', { derivation: made.path, mode: 'normal' });
  if (prepared.status !== 'prepared') return;
  const prefix = root === undefined ? '' : `${Buffer.from(prepared.directory)}/${root}`;
  mkdirSync(`${prefix}${outputOf(made)}`, { recursive: true });
  writeFileSync(`${prefix}${outputOf(made)}/file`, outputOf(made, 'lib'));
  writeFileSync(`${prefix}${outputOf(made, 'lib')}`, 'library');
  const where = root === undefined ? {} : { root: Buffer.from(root) };
  await client.call('registerOutputs', { build: prepared.build, ...where });
}

const key = freshKey();

function substitute(client: StoreClient, { storeDir, stateDir }: StorePlace, tag: string): Promise<unknown> {
  authoriseKeys(stateDir, [key]);
  const archive = fileArchive(tag);
  const facts = describe(storeDir, archive);
  const wish = { path: facts.path, narinfo: narinfoOf(facts, key), mode: 'normal' as const };
  return client.call('importSubstitute', wish, { onItem: (ticket) => send(ticket, archive) });
}

function smallSubstitutes(client: StoreClient, { storeDir, stateDir }: StorePlace, tag: string): Promise<unknown> {
  authoriseKeys(stateDir, [key]);
  const substitutes = ['a', 'b', 'c'].map((letter) => {
    const archive = fileArchive(tag + letter);
    const facts = describe(storeDir, archive);
    return { path: facts.path, narinfo: narinfoOf(facts, key), archive };
  });
  return client.call('importSmallSubstitutes', { substitutes });
}

const placing = ['partly-moved', 'moved', 'written', 'registered'] as const;
const works: readonly Work[] = [
  { name: 'texts', run: (client, _, tag) => addTexts(client, tag), points: ['claimed', ...placing] },
  { name: 'a substitute', run: substitute, points: ['claimed', 'staged', 'canonical', ...placing] },
  {
    name: 'small substitutes',
    run: smallSubstitutes,
    points: ['claimed', 'staged', 'canonical', ...placing],
  },
  {
    name: 'a tree',
    run: (client, _, tag) => addTree(client, tag),
    points: ['claimed', 'staged', 'canonical', ...placing],
  },
  {
    name: 'a build',
    run: (client, place, tag) => buildBoth(client, derivationFor(place, tag), 'root'),
    points: ['claimed', 'canonical', ...placing],
  },
  {
    name: 'a build in place',
    run: (client, place, tag) => buildBoth(client, derivationFor(place, tag), undefined),
    points: ['claimed', 'canonical', ...placing],
  },
];

for (const work of works) {
  t.test(work.name, async (t) => {
    const place = new StorePlace(t);
    let { store, client } = await openStore(t, { place });
    for (const point of work.points) {
      await client.call('addTexts', { texts: [derivationFor(place, point).text] });
      const before = (await checkStore(t, client, place)).length;
      await store.stop();

      const doomed = startStore(t, { place, words: [`--fault-point=${point}`] });
      const dying = doomed.connect().then((each) => work.run(each, place, point));
      t.equal(await codeOf(dying), 'channel-closed', `killed when ${point}`);
      t.equal((await doomed.exited).signal, 'SIGKILL');
      await doomed.stop();

      ({ store, client } = await openStore(t, { place }));
      const valid = await checkStore(t, client, place);
      t.equal(valid.length > before, point === 'registered', 'registered, or nothing of it');
      await work.run(client, place, point);
      t.ok((await checkStore(t, client, place)).length > before, 'and it can be done again');
    }
  });
}

t.test('killed while builds are prepared and trees come in', async (t) => {
  const place = new StorePlace(t);
  const first = await openStore(t, { place });
  const made = derivationFor(place, 'killed');
  await first.client.call('addTexts', { texts: [made.text] });
  await first.client.call('prepareBuild', { derivation: made.path, mode: 'normal' });
  writeFileSync(outputOf(made), 'half made');
  await first.store.kill();
  t.ok(existsSync(outputOf(made)));
  t.ok(readdirSync(`${place.stateDir}/temproots`).length > 0);
  const second = await openStore(t, { place });
  await checkStore(t, second.client, place);
  t.ok((await second.client.call('prepareBuild', { derivation: made.path, mode: 'normal' })).status === 'prepared');
});

t.test('S92: killed at random moments of many additions', async (t) => {
  const place = new StorePlace(t);
  for (let round = 0; round < 5; round++) {
    const { store, client } = await openStore(t, { place });
    await checkStore(t, client, place);
    const adding = Array.from({ length: 20 }, (_, index) =>
      codeOf(
        client.call('addTexts', {
          texts: [{ name: `r${round}-${index}`, contents: Buffer.from('x'), references: [] }],
        }),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 5 + 10 * round));
    await store.kill();
    await Promise.all(adding);
  }
  const { client } = await openStore(t, { place });
  await checkStore(t, client, place);
});
