/**
 * S51, S92: a store that is killed while it checks, repairs, and compares rounds: what is valid is there at any moment, and the next
 * start leaves no half of anything.
 */
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import t from 'tap';
import type { FaultPoint } from '../src/shell/fault-point.ts';
import { build, inRoot, type Prepared, prepare, prepareInPlace, root, seen } from './building.ts';
import { type MadeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore, type StoreClient, StorePlace, startStore } from './running-store.ts';
import { checkStore } from './whole-store.ts';

// Each of some fifty processes takes its time to start.
t.setTimeout(240_000);

/** Builds once more what has been built before. */
interface Work {
  readonly made: MadeDerivation;
  readonly contents: string;
}

type Run = (client: StoreClient, work: Work) => Promise<unknown>;

/** The output names itself, by whatever path its builder knows it. */
function makeOutput(prepared: Prepared, { made, contents }: Work, inPlace: boolean): void {
  const path = outputOf(made);
  const place = inPlace ? seen(prepared, path) : inRoot(prepared, path);
  writeFileSync(place, `${contents} ${seen(prepared, path)}`);
}

const inMode =
  (mode: 'check' | 'repair', inPlace: boolean): Run =>
  async (client, work) => {
    const prepared = await (inPlace ? prepareInPlace : prepare)(client, work.made, mode);
    makeOutput(prepared, work, inPlace);
    const where = inPlace ? {} : { root };
    return client.call('registerOutputs', { build: prepared.build, keepDiffering: true, ...where });
  };

/** Has `run` killed at `point` in a store of its own, in which `made` has been built; `before` runs before that. */
async function killed(point: FaultPoint, run: Run, before: (work: Work) => void = () => undefined) {
  const place = new StorePlace(t);
  const { store, client } = await openStore(t, { place });
  const { made } = await build({ client, storeDir: place.storeDir }, { name: 'made' }, (path, made) =>
    writeFileSync(path(), `first ${outputOf(made)}`),
  );
  await store.stop();
  const work = { made, contents: 'second' };
  before(work);
  const doomed = startStore(t, { place, words: [`--fault-point=${point}`] });
  const answer = await codeOf(doomed.connect().then((each) => run(each, work)));
  t.equal(answer, 'channel-closed', `killed when ${point}`);
  t.equal((await doomed.exited).signal, 'SIGKILL');
  await doomed.stop();
  return { place, made, path: outputOf(made) };
}

for (const inPlace of [false, true]) {
  const where = inPlace ? 'in place' : 'in a root';
  const copied = inPlace ? (['copied'] as const) : [];

  t.test(`S51: check ${where}`, async (t) => {
    for (const point of ['claimed', ...copied, 'canonical'] as const) {
      const { place, made, path } = await killed(point, inMode('check', inPlace));
      const { client } = await openStore(t, { place });
      await checkStore(t, client, place);
      t.equal(readFileSync(path, 'utf8'), `first ${path}`);
      t.match(await inMode('check', inPlace)(client, { made, contents: 'first' }), { status: 'same' });
    }
    const { place, path } = await killed('kept', inMode('check', inPlace));
    const { client } = await openStore(t, { place });
    t.strictSame(await place.left(), []);
    t.equal(readFileSync(`${path}-check`, 'utf8'), `second ${path}`);
    t.strictSame(await client.call('checkContents', { paths: [path] }), { corrupt: [] });
  });

  const harm = inPlace ? 'gone' : 'corrupt';
  const spoil = ({ made }: Work) => {
    rmSync(outputOf(made), { force: true });
    if (harm === 'corrupt') writeFileSync(outputOf(made), 'bad', { mode: 0o444 });
  };
  const points = ['claimed', ...copied, 'canonical', 'replacing', 'partly-moved', 'moved', 'written', 'registered'];

  t.test(`S51: repair ${where} of one that is ${harm}`, async (t) => {
    for (const point of points as FaultPoint[]) {
      const isJudged = points.indexOf(point) >= points.indexOf('replacing');
      const isMoved = points.indexOf(point) > points.indexOf('replacing');
      const { place, made, path } = await killed(point, inMode('repair', inPlace), spoil);
      t.equal(existsSync(path), harm === 'corrupt' || isMoved, 'one of the two is there');
      const { client } = await openStore(t, { place });
      t.strictSame(await place.left(), []);
      const { corrupt } = await client.call('checkContents', { paths: [path] });
      t.strictSame(corrupt, isJudged ? [] : [path], 'what was ready takes its place, and what is known of it, too');
      if (isJudged) t.equal(readFileSync(path, 'utf8'), `second ${path}`);
      else t.match(await inMode('repair', inPlace)(client, { made, contents: 'third' }), { status: 'registered' });
      await checkStore(t, client, place);
    }
  });
}

t.test('rounds', async (t) => {
  const place = new StorePlace(t);
  const { client, store } = await openStore(t, { place });
  const on = { client, storeDir: place.storeDir };
  const { made } = await build(on, { name: 'rounds' }, () => undefined);
  const path = outputOf(made);
  await store.stop();
  const turn = async (each: StoreClient, moreRounds: boolean) => {
    const prepared = await prepare(each, made);
    writeFileSync(inRoot(prepared, path), 'made');
    return each.call('registerOutputs', { build: prepared.build, root, moreRounds });
  };
  for (const [point, rounds] of [
    ['round-done', [true]],
    ['moved', [true, true, false]],
  ] as const) {
    const doomed = startStore(t, { place, words: [`--fault-point=${point}`] });
    const dying = await doomed.connect();
    const answers: unknown[] = [];
    for (const moreRounds of rounds) answers.push(await codeOf(turn(dying, moreRounds)));
    t.equal(answers.at(-1), 'channel-closed');
    await doomed.exited;
    await doomed.stop();
    const next = await openStore(t, { place });
    await checkStore(t, next.client, place);
    t.notOk(existsSync(path));
    await next.store.stop();
  }
  const last = await openStore(t, { place });
  t.match(await turn(last.client, true), { status: 'round-done' });
  t.match(await turn(last.client, false), { status: 'registered' });
  await checkStore(t, last.client, place);
});

t.test('a fixed output', async (t) => {
  const place = new StorePlace(t);
  const { client, store } = await openStore(t, { place });
  const on = { client, storeDir: place.storeDir };
  const fixed = { hashAlgo: 'md5', hash: '202cb962ac59075b964b07152d234b70' };
  const { made } = await build(on, { name: 'fixed', fixed }, () => undefined);
  await store.stop();
  const run = async (each: StoreClient) => {
    const prepared = await prepare(each, made);
    writeFileSync(inRoot(prepared, outputOf(made)), '123');
    chmodSync(inRoot(prepared, outputOf(made)), 0o644);
    return each.call('registerOutputs', { build: prepared.build, root });
  };
  const doomed = startStore(t, { place, words: ['--fault-point=copied'] });
  t.equal(await codeOf(doomed.connect().then(run)), 'channel-closed');
  await doomed.exited;
  await doomed.stop();
  const next = await openStore(t, { place });
  await checkStore(t, next.client, place);
  t.match(await run(next.client), { status: 'registered' });
});
