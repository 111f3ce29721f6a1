/** Substitutes over HTTP: many small ones, near and far, and a large one, in the compressions that caches use. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { readSettings } from '@cooper/config';
import { fileArchive } from '@cooper/nar';
import { openTable, type Table } from '@cooper/table';
import { execa } from 'execa';
import { figures, type Row } from './measure.ts';
import { nixEnvironment, startNix } from './nix-side.ts';
import { type CacheAddress, PackedArchive, type Packing, publicKey, serveCache } from './substitute-cache.ts';

interface Options {
  readonly quick: boolean;
  readonly alone: boolean;
  readonly wants: (name: string) => boolean;
}

/** Whoever fetches: where its store is, and how it is asked. */
interface Fetcher {
  readonly storeDir: string;
  fetch(paths: readonly string[], url: string): Promise<void>;
  stop(): Promise<void>;
}

interface Case {
  readonly name: string;
  readonly packing: Packing;
  readonly count: number;
  readonly size: number;
  /** In ms. */
  readonly delay: number;
}

const packings = ['none', 'zstd', 'xz'] as const;

export async function substituteRows(root: string, { quick, alone, wants }: Options): Promise<readonly Row[]> {
  const large = quick ? 128 : 1024;
  const cases = [
    ...packings.map((packing) => ({ name: '300 substitutes', packing, count: 300, size: 2000, delay: 0 })),
    { name: '300 substitutes, 100 ms away', packing: 'zstd' as const, count: 300, size: 2000, delay: 100 },
    ...packings.map((packing) => ({
      ...{ name: `a substitute of ${large} MiB`, packing, count: 1 },
      ...{ size: large * 1024 * 1024, delay: 0 },
    })),
  ].map((one) => ({ ...one, name: `${one.name}, ${one.packing}` }));
  const wanted = cases.filter(({ name }) => wants(name));
  if (wanted.length === 0) return [];
  const fetchers = [await cooperFetcher(`${root}/cooper`), ...(alone ? [] : [await nixFetcher(`${root}/nix`)])];
  const rows: Row[] = [];
  for (const one of wanted) {
    console.error(one.name);
    rows.push(await measureCase(`${root}/cache`, one, fetchers));
  }
  for (const fetcher of fetchers) await fetcher.stop();
  return rows;
}

/** Each time other paths: nobody remembers anything of them. The first run does not count. */
async function measureCase(
  directory: string,
  { name, packing, count, size, delay }: Case,
  fetchers: readonly Fetcher[],
): Promise<Row> {
  const times = new Map(fetchers.map((fetcher) => [fetcher, [] as number[]]));
  const archives = Array.from(
    { length: count },
    () => new PackedArchive(directory, fileArchive(halfRandom(size)), packing),
  );
  for (let run = 0; run <= 3; run++) {
    for (const fetcher of fetchers) {
      const paths = archives.map((archive) => archive.offer(fetcher.storeDir));
      const cache: CacheAddress = await serveCache(directory, fetcher.storeDir, delay);
      const started = performance.now();
      await fetcher.fetch(paths, cache.url);
      if (run > 0) times.get(fetcher)?.push(performance.now() - started);
      cache.close();
    }
  }
  rmSync(directory, { recursive: true });
  const [cooper, peer] = fetchers.map((fetcher) => figures(times.get(fetcher) ?? []));
  if (cooper === undefined) throw new Error('nobody fetched');
  return { name, unit: 'ms', cooper, peer };
}

/** Half of it can be packed. */
function halfRandom(size: number): Buffer {
  const bytes = Buffer.alloc(size, 'what can be packed ');
  const step = 64 * 1024;
  for (let at = 0; at < size; at += step) randomBytes(Math.min(step / 2, size - at)).copy(bytes, at);
  return bytes;
}

async function cooperFetcher(root: string): Promise<Fetcher> {
  mkdirSync(root, { recursive: true });
  const storeDir = `${root}/store`;
  const given = { 'store-dir': storeDir, 'state-dir': `${root}/var`, 'trusted-public-keys': [publicKey] };
  const settings = readSettings({ given, environment: {}, uid: process.getuid?.() ?? 0 });
  const table: Table = await openTable(settings, 'bench');
  return {
    storeDir,
    fetch: async (paths, url) => {
      const scheduler = await table.scheduler();
      const options = { substituteUrls: [url] };
      const result = await scheduler.call('realise', { targets: [...paths], mode: 'normal', options });
      const failed = result.results.find(({ status }) => status !== 'substituted' && status !== 'cancelled');
      if (failed !== undefined) throw new Error(`cooper: ${failed.target}: ${failed.message ?? failed.status}`);
    },
    stop: async () => table.close(),
  };
}

async function nixFetcher(root: string): Promise<Fetcher> {
  mkdirSync(root, { recursive: true });
  const side = await startNix({ root, sandbox: false, maxJobs: 8 });
  const env = nixEnvironment(root);
  return {
    storeDir: `${root}/store`,
    fetch: async (paths, url) => {
      const options = ['--option', 'substituters', url, '--option', 'trusted-public-keys', publicKey];
      await execa('nix-store', ['--realise', '--quiet', '--max-jobs', '8', ...options, ...paths], { env });
    },
    stop: () => side.stop(),
  };
}
