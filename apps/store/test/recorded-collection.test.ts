/** Collections that guix-daemon did, done by our store on the same small stores: what lives, what goes, what is said. */
import { once } from 'node:events';
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { readGolden } from '../../../test/support/golden.ts';
import { makeRecordedStore, parseRecording, startRecordedProcess } from './recorded-collection.ts';
import { openStore, type StoreClient, StorePlace } from './running-store.ts';

t.setTimeout(240_000);

type Wish = Parameters<typeof collect>[1];

/** Collects; gives the paths that were told, sorted, and the bytes freed. */
async function collect(
  client: StoreClient,
  wish: {
    readonly action: 'live' | 'dead' | 'delete-dead' | 'delete-specific';
    readonly paths?: StorePath[];
    readonly maxFreed?: number;
  },
): Promise<{ readonly paths: readonly string[]; readonly bytesFreed: number }> {
  const paths: string[] = [];
  const { bytesFreed } = await client.call('collectGarbage', wish, {
    onItem: (item) => void paths.push(...item.paths),
  });
  return { paths: paths.sort(), bytesFreed };
}

const pathsOf = async (client: StoreClient, wish: Wish) => (await collect(client, wish)).paths;

for (const keepOutputs of ['no', 'yes'])
  for (const keepDerivations of ['no', 'yes']) {
    const name = `keep-outputs-${keepOutputs}-keep-derivations-${keepDerivations}`;
    t.test(name, async (t) => {
      const place = new StorePlace(t);
      const recording = parseRecording(readGolden(`gc/${name}.json.zst`), place);
      makeRecordedStore(recording, place);
      const words = [`--gc-keep-outputs=${keepOutputs}`, `--gc-keep-derivations=${keepDerivations}`];
      const { store, client } = await openStore(t, { place, words });
      const stale = `${place.root}/client/root-stale`;
      symlinkSync('anywhere', stale);
      for (const file of [`${place.root}/client/root-indirect`, stale]) {
        await client.call('addIndirectRoot', { file: Buffer.from(file) });
      }
      rmSync(stale);
      const other = await store.connect();
      await other.call('addLeases', { paths: [recording['temp-root-of-another-open-connection'] as StorePath] });
      const program = await startRecordedProcess(recording);
      t.teardown(() => program.kill());

      const { roots } = await client.call('findRoots', {});
      const links = roots.filter(({ kind }) => kind !== 'lease' && kind !== 'process');
      t.strictSame(
        links.map((root) => [Buffer.from(root.name).toString(), root.path]),
        recording['find-roots'],
      );
      const busy = roots.filter(({ kind }) => kind === 'process').map(({ path }) => path);
      const { 'process-executable': executable, 'in-environment': item } = recording['runtime-root'];
      t.strictSame(busy.sort(), [executable.replace('/bin/busybox', ''), item].sort());
      t.strictSame(await pathsOf(client, { action: 'live' }), recording.live);
      t.strictSame(await pathsOf(client, { action: 'dead' }), recording.dead);
      t.equal(readdirSync(`${place.stateDir}/gcroots/auto`).length, 2, 'to list takes no lost link away');

      const { path, result } = recording['delete-specific-live'];
      const refused = client.call('collectGarbage', { action: 'delete-specific', paths: [path as StorePath] });
      await t.rejects(refused, { code: 'path-is-live', message: result.error });

      const deleted = await collect(client, { action: 'delete-dead' });
      t.strictSame(deleted.paths, recording['delete-dead']['paths-sorted']);
      t.ok(deleted.bytesFreed >= deleted.paths.length);
      t.strictSame(
        place.items(),
        recording['store-entries-after'].filter((entry) => entry !== '.links'),
      );
      t.strictSame(await pathsOf(client, { action: 'live' }), recording['valid-after']);
      t.equal(readdirSync(`${place.stateDir}/gcroots/auto`).length, 1, 'the lost link is gone');

      program.kill();
      await once(program, 'exit');
      other.close();
      await other.closed;
      t.strictSame(await pathsOf(client, { action: 'live' }), recording['live-after-process-and-connection-ended']);
      t.strictSame(await pathsOf(client, { action: 'dead' }), recording['dead-after-process-and-connection-ended']);
      const limited = await collect(client, { action: 'delete-dead', maxFreed: 1 });
      // Ours goes for the oldest first, theirs for any: the large one is enough alone.
      const isLarge = recording['dead-after-process-and-connection-ended'].some((each) => executable.startsWith(each));
      t.equal(limited.paths.length, isLarge ? 1 : recording['then-delete-dead-max-freed-1']['number-of-paths']);
      t.strictSame(await place.left(), []);
    });
  }
