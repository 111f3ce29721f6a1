/** What Guix and Nix really served is fetched right, in every compression. */
import { mkdirSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { CacheServer } from '../../../test/support/cache-server.ts';
import { readGoldenBundle } from '../../../test/support/golden.ts';
import { RunningAgent } from '../../../test/support/substitute-agent.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';

const guix = readGoldenBundle('narinfo/guix.tar.zst');
const nix = readGoldenBundle('narinfo/nix.tar.zst');

function below(files: ReadonlyMap<string, Buffer>, folder: string): Map<string, Buffer> {
  const mine = [...files].filter(([name]) => name.startsWith(`${folder}/`));
  return new Map(mine.map(([name, contents]) => [name.slice(folder.length + 1), contents]));
}

function field(narinfo: Buffer, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(narinfo.toString())?.[1] ?? '';
}

/** Fetches everything that the cache tells of, and gives how much it was. */
async function fetchAll(t: Test, agent: RunningAgent, files: ReadonlyMap<string, Buffer>): Promise<number> {
  const all = [...files].filter(([name]) => name.endsWith('.narinfo')).map(([, contents]) => contents);
  // Of one narinfo nobody had asked for the archive when the responses were recorded.
  const narinfos = all.filter((narinfo) => files.has(field(narinfo, 'URL')));
  const paths = narinfos.map((narinfo) => field(narinfo, 'StorePath'));
  const infos = await agent.query(paths);
  let fetched = 0;
  for (const [index, info] of infos.entries()) {
    if (info === null) {
      t.fail(`${paths[index]} is not offered`);
      continue;
    }
    t.equal(info.narSize, Number(field(narinfos[index] as Buffer, 'NarSize')));
    const { outcome, size, hash } = await agent.fetch(info);
    fetched++;
    t.match(outcome, { status: 'fetched', narHash: info.narHash, narSize: info.narSize }, info.path);
    t.equal(`sha256:${hash}`, info.narHash);
    t.equal(size, info.narSize);
  }
  return fetched;
}

t.setTimeout(120_000);

for (const [folder, count] of [
  ['gzip', 12],
  ['multi', 3],
  ['none', 4],
] as const) {
  t.test(`what guix publish served: ${folder}`, async (t) => {
    const files = below(guix, `${folder}/root`);
    await using server = await CacheServer.start(files);
    const accessList = guix.get('keys/acl');
    const agent = new RunningAgent(t, { urls: [server.url], ...(accessList === undefined ? {} : { accessList }) });
    t.equal(await fetchAll(t, agent, files), count);
  });
}

for (const compression of ['none', 'xz', 'zstd', 'gzip', 'bzip2']) {
  t.test(`what nix copy wrote: ${compression}, by http and as a directory`, async (t) => {
    const files = below(nix, `nix-${compression}`);
    const key = nix.get('keys/public-key')?.toString().trim() ?? '';
    const directory = temporaryDirectory(t);
    mkdirSync(`${directory}/nar`);
    for (const [name, contents] of files) writeFileSync(`${directory}/${name}`, contents);
    await using server = await CacheServer.start(files);
    for (const url of [server.url, `file://${directory}`]) {
      const words = [`--trusted-public-keys=${key}`];
      const agent = new RunningAgent(t, { urls: [url], storeDir: '/nix/store', words });
      t.equal(await fetchAll(t, agent, files), 12);
    }
  });
}

t.test('lzip alone', async (t) => {
  const files = below(guix, 'multi/root');
  for (const [name, contents] of files) {
    if (!name.endsWith('.narinfo')) continue;
    const lines = contents.toString().split(/(?<=\n)/);
    const at = lines.findIndex((line) => line.startsWith('URL: nar/lzip'));
    const signature = lines.findIndex((line) => line.startsWith('Signature:'));
    files.set(name, Buffer.from([...lines.slice(0, signature + 1), ...lines.slice(at)].join('')));
  }
  await using server = await CacheServer.start(files);
  const accessList = guix.get('keys/acl');
  const agent = new RunningAgent(t, { urls: [server.url], ...(accessList === undefined ? {} : { accessList }) });
  t.equal(await fetchAll(t, agent, files), 3);
  t.equal(server.count(/nar\/lzip/), 3);
});

t.test('without the keys, nothing is offered', async (t) => {
  await using server = await CacheServer.start(below(nix, 'nix-none'));
  const agent = new RunningAgent(t, { urls: [server.url], storeDir: '/nix/store' });
  const infos = await agent.query([
    field(nix.get('nix-none/0i8b5q57il9wyr3klj3vp9djrdmffysh.narinfo') as Buffer, 'StorePath'),
  ]);
  t.same(infos, [null]);
  t.match(agent.warnings, [/is not authorised \(unauthorized-key\)$/]);
});
