/** Substitutes over HTTP: many small ones, near and far, and a large one, in the compressions that caches use. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { readSettings } from '@cooper/config';
import { fileArchive } from '@cooper/nar';
import { openTable, type Table } from '@cooper/table';
import { execa } from 'execa';
import { type Bench, clock, race } from './bench.ts';
import { nixEnvironment, startNix } from './nix-side.ts';
import { type CacheAddress, PackedArchive, type Packing, publicKey, serveCache } from './substitute-cache.ts';

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

export async function substituteRows(bench: Bench): Promise<void> {
  const { quick, alone } = bench.options;
  const wanted = casesFor(quick ? 128 : 1024).filter(({ name }) => bench.wants(name));
  if (wanted.length === 0) return;
  const cooper = await cooperFetcher(bench.directory());
  const nix = alone ? undefined : await nixFetcher(bench.directory());
  const cache = `${bench.directory()}/cache`;
  for (const one of wanted) {
    const aim = { ratio: one.count === 1 ? 1 : one.delay > 0 ? 0.2 : 0.5 };
    await bench.row({ name: one.name, unit: 'ms', aim, measure: () => measureCase(cache, one, { cooper, nix }) });
  }
  await cooper.stop();
  await nix?.stop();
}

function casesFor(large: number): readonly Case[] {
  return [
    ...packings.map((packing) => ({ name: '300 substitutes', packing, count: 300, size: 2000, delay: 0 })),
    { name: '300 substitutes, 100 ms away', packing: 'zstd' as const, count: 300, size: 2000, delay: 100 },
    ...packings.map((packing) => ({
      ...{ name: `a substitute of ${large} MiB`, packing, count: 1 },
      ...{ size: large * 1024 * 1024, delay: 0 },
    })),
  ].map((one) => ({ ...one, name: `${one.name}, ${one.packing}` }));
}

/** Each time other paths: nobody remembers anything of them. */
async function measureCase(
  directory: string,
  { packing, count, size, delay }: Case,
  { cooper, nix }: { readonly cooper: Fetcher; readonly nix: Fetcher | undefined },
) {
  const archives = Array.from(
    { length: count },
    () => new PackedArchive(directory, fileArchive(halfRandom(size)), packing),
  );
  const fetch = async (fetcher: Fetcher) => {
    const paths = archives.map((archive) => archive.offer(fetcher.storeDir));
    const cache: CacheAddress = await serveCache(directory, fetcher.storeDir, delay);
    try {
      return await clock(() => fetcher.fetch(paths, cache.url));
    } finally {
      cache.close();
    }
  };
  try {
    // That takes so long that nothing needs to be warm for it.
    const once = packing === 'xz' && count === 1;
    const peer = nix === undefined ? undefined : () => fetch(nix);
    return await race({ runs: once ? 1 : 3, warmUps: once ? 0 : 1, cooper: () => fetch(cooper), peer });
  } finally {
    rmSync(directory, { recursive: true });
  }
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
