/**
 * Collections beside everything else, in random orders, on a real store: whoever has leased a path finds it valid and on
 * disk until he gives it up, no call fails, and in the end the database and the disk say the same.
 */
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { StorePath } from '@cooper/store-path';
import fc from 'fast-check';
import t from 'tap';
import { addDerivation, makeDerivation, outputOf } from './recipes.ts';
import { openStore, type RunningStore, receive, type StoreClient, StorePlace, send } from './running-store.ts';

/** How many there are in CI. `COOPER_ROUNDS` says otherwise. */
const rounds = Number(process.env['COOPER_ROUNDS'] ?? 25);
/** In ms, on a machine with other things to do. */
const longestRound = 16_000;

t.setTimeout(rounds * longestRound);

type Step =
  | { readonly do: 'text' | 'build' | 'exchange' | 'root' | 'leave' }
  | { readonly do: 'revive' | 'delete'; readonly which: number };
type Run = { readonly actors: readonly (readonly Step[])[]; readonly collections: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('text', 'build', 'exchange', 'root', 'leave') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('revive', 'delete'), which: fc.nat(1000) }) },
) as fc.Arbitrary<Step>;

const runs: fc.Arbitrary<Run> = fc.record({
  actors: fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
  collections: fc.integer({ min: 1, max: 4 }),
});

let lastName = 0;
/** Whatever anybody has made, for others to find again, or not. */
const known: StorePath[] = [];

/** Somebody with a channel, who holds what he has leased. */
class Actor {
  readonly #store: RunningStore;
  readonly #place: StorePlace;
  readonly #held = new Set<StorePath>();
  readonly #roots: string[] = [];
  #client: StoreClient;

  constructor(store: RunningStore, place: StorePlace, client: StoreClient) {
    this.#store = store;
    this.#place = place;
    this.#client = client;
  }

  async take(next: Step): Promise<void> {
    switch (next.do) {
      case 'text':
        await this.#text();
        break;
      case 'build':
        await this.#build();
        break;
      case 'exchange':
        await this.#exchange();
        break;
      case 'root':
        this.#root();
        break;
      case 'revive':
        await this.#revive(next.which);
        break;
      case 'delete':
        await this.#delete(next.which);
        break;
      case 'leave':
        await this.leave();
        this.#client = await this.#store.connect();
    }
    await this.#check();
  }

  /** Gives everything up. */
  async leave(): Promise<void> {
    await this.#check();
    for (const root of this.#roots.splice(0)) rmSync(root);
    this.#held.clear();
    this.#client.close();
    await this.#client.closed;
  }

  async #check(): Promise<void> {
    const held = [...this.#held];
    const { paths } = await this.#client.call('queryValidPaths', { paths: held });
    if (paths.length !== held.length) throw new Error(`lost: ${held.filter((path) => !paths.includes(path))}`);
    for (const path of held) if (!existsSync(path)) throw new Error(`not on disk: ${path}`);
  }

  #hold(path: StorePath): void {
    this.#held.add(path);
    known.push(path);
  }

  async #text(): Promise<void> {
    const references = [...this.#held].slice(-2);
    const text = { name: `text-${++lastName % 40}`, contents: Buffer.from(String(lastName % 7)), references };
    const { paths } = await this.#client.call('addTexts', { texts: [text] });
    for (const path of paths) this.#hold(path);
  }

  async #build(): Promise<void> {
    const sources = [...this.#held].filter((path) => !path.endsWith('.drv')).slice(-2);
    const made = makeDerivation(this.#place.storeDir, { name: `made-${++lastName % 30}`, sources });
    await addDerivation(this.#client, made);
    this.#hold(made.path);
    const prepared = await this.#client.call('prepareBuild', { derivation: made.path, mode: 'normal', inPlace: true });
    if (prepared.status === 'locked') return;
    if (prepared.status === 'prepared') {
      writeFileSync(outputOf(made), sources.join(' '));
      const { status } = await this.#client.call('registerOutputs', { build: prepared.build });
      if (status !== 'registered') throw new Error(`the build was ${status}`);
    } else if (prepared.status !== 'valid') throw new Error(`the preparation was ${prepared.status}`);
    this.#hold(outputOf(made));
  }

  async #exchange(): Promise<void> {
    const paths = [...this.#held].slice(0, 1);
    const received: Promise<Buffer>[] = [];
    await this.#client.call('exportPaths', { paths }, { onItem: (ticket) => void received.push(receive(ticket)) });
    const archive = Buffer.concat(await Promise.all(received));
    await this.#client.call('importPaths', { allowUnsigned: true }, { onItem: (ticket) => send(ticket, archive) });
  }

  #root(): void {
    const [path] = this.#held;
    if (path === undefined) return;
    const link = `${this.#place.stateDir}/gcroots/root-${++lastName}`;
    symlinkSync(path, link);
    this.#roots.push(link);
  }

  /** What others have made may be gone; once it is leased and valid, it stays. */
  async #revive(which: number): Promise<void> {
    const path = known[which % Math.max(1, known.length)];
    if (path === undefined) return;
    await this.#client.call('addLeases', { paths: [path] });
    const { paths } = await this.#client.call('queryValidPaths', { paths: [path] });
    if (paths.length === 1) this.#held.add(path);
  }

  async #delete(which: number): Promise<void> {
    const path = known[which % Math.max(1, known.length)];
    if (path === undefined) return;
    try {
      await this.#client.call('collectGarbage', { action: 'delete-specific', paths: [path] });
    } catch (error) {
      if ((error as { code?: string }).code !== 'path-is-live') throw error;
    }
  }
}

async function validPaths(client: StoreClient): Promise<readonly StorePath[]> {
  const valid: StorePath[] = [];
  await client.call('queryAllValidPaths', {}, { onItem: ({ paths }) => void valid.push(...paths) });
  return valid;
}

t.test('collections beside everything else', async (t) => {
  const place = new StorePlace(t);
  const { store, client } = await openStore(t, { place });
  const collectAll = async (times: number) => {
    for (let time = 0; time < times; time++) await client.call('collectGarbage', { action: 'delete-dead' });
  };
  const act = async (steps: readonly Step[]) => {
    const actor = new Actor(store, place, await store.connect());
    for (const each of steps) await actor.take(each);
    await actor.leave();
  };
  let done = 0;
  const property = fc.asyncProperty(runs, async ({ actors, collections }) => {
    done++;
    await Promise.all([collectAll(collections), ...actors.map(act)]);
    const names = (await validPaths(client)).map((path) => path.slice(place.storeDir.length + 1));
    const left = place.items().filter((name) => !names.includes(name));
    if (left.length > 0 || names.some((name) => !existsSync(`${place.storeDir}/${name}`))) {
      throw new Error(`the database and the disk differ: ${left}`);
    }
  });
  await fc.assert(property, { numRuns: rounds, endOnFailure: true });
  t.comment(`${done} rounds, ${known.length} items`);
  await collectAll(1);
  t.strictSame(await validPaths(client), [], 'nothing is kept for nobody');
  t.strictSame(place.items(), []);
  t.strictSame(await place.left(), []);
  t.equal(store.log.replace(/.*not looked at.*\n/g, ''), '');
});
