/** Memory of a store: as much after 20,000 builds as after 10,000, and no more for a large output than for a small one. */
import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { inRoot, prepare, prepareInPlace, root, seen } from './building.ts';
import { addDerivation, type MadeDerivation, makeDerivation, outputOf } from './recipes.ts';
import { openStore } from './running-store.ts';

const isWanted = process.env['COOPER_LARGE_TESTS'] === '1';
const skip = isWanted ? false : 'SKIPPED: takes minutes; set COOPER_LARGE_TESTS=1 to run it';

/** Builds until the store has filled its caches and its heap has found its size, and until the end. */
const settled = 10_000;
const total = 20_000;

/**
 * How much, in MiB, it may have grown between, in the middle of many samples: the collector lets garbage of some 30 MiB come
 * and go. Two pages for each build would be more.
 */
const growth = 50;

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
}

t.setTimeout(1_800_000);

t.test('10,000 builds, after 10,000', { skip }, async (t) => {
  const { store, client, place } = await openStore(t);
  const memory = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${store.process.pid}/status`, 'utf8'))?.[1]) / 1024;

  const build = async (made: MadeDerivation) => {
    const prepared = await prepare(client, made);
    for (const { path } of prepared.missing) {
      mkdirSync(inRoot(prepared, path));
      writeFileSync(`${inRoot(prepared, path)}/file`, outputOf(made));
    }
    const { status } = await client.call('registerOutputs', { build: prepared.build, root });
    if (status !== 'registered') throw new Error(status);
  };

  const samples: number[] = [];
  for (let done = 0; done < total; done += 100) {
    const batch = Array.from({ length: 100 }, (_, index) =>
      makeDerivation(place.storeDir, { name: `build-${done + index}`, outputs: ['out', 'lib'] }),
    );
    await client.call('addTexts', { texts: batch.map((made) => made.text) });
    for (let from = 0; from < batch.length; from += 10) await Promise.all(batch.slice(from, from + 10).map(build));
    // As the scheduler does when it has nothing to do.
    await client.call('releaseLeases', {});
    if (done >= settled) samples.push(memory());
  }
  const first = median(samples.slice(0, 20));
  const last = median(samples.slice(-20));
  t.comment(`${Math.round(first)} MiB after ${settled} builds and some, ${Math.round(last)} MiB before ${total}`);
  t.ok(last - first < growth);
});

t.test('S45: hash parts rewritten in a large output', { skip }, async (t) => {
  const { store, client, place } = await openStore(t);
  const peak = () =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${store.process.pid}/status`, 'utf8'))?.[1]) / 1024;
  const made = makeDerivation(place.storeDir, { name: 'large' });
  await addDerivation(client, made);
  const path = outputOf(made);

  const take = async (mode: 'normal' | 'check', size: number) => {
    const prepared = await prepareInPlace(client, made, mode);
    writeFileSync(seen(prepared, path), seen(prepared, path));
    truncateSync(seen(prepared, path), size);
    appendFileSync(seen(prepared, path), seen(prepared, path));
    return client.call('registerOutputs', { build: prepared.build });
  };
  t.match(await take('normal', 2 ** 31), { status: 'registered' });
  t.match(await take('check', 2 ** 20), { status: 'rejected' });
  const before = peak();
  t.strictSame(await take('check', 2 ** 31), { status: 'same' });
  t.comment(`${Math.round(before)} MiB at most before, ${Math.round(peak())} MiB with 2 GiB`);
  t.ok(peak() - before < 200);
});
