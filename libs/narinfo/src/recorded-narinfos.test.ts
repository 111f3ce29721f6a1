/** The narinfos of real caches are read for what they say, and written back byte for byte. */
import { formatHash, parseHash } from '@cooper/hash';
import t from 'tap';
import { readGoldenBundle } from '../../../test/support/golden.ts';
import { parseNarinfo, printFingerprint, printGuixNarinfo, printNixNarinfo, printSignedPart } from './index.ts';

const nix = readGoldenBundle('narinfo/nix.tar.zst');
const guix = readGoldenBundle('narinfo/guix.tar.zst');

interface NixPath {
  readonly path: string;
  readonly narHash: string;
  readonly narSize: number;
  readonly references: readonly string[];
  readonly deriver: string | null;
  readonly ca: string | null;
  readonly fingerprint: string;
  readonly signature: string;
}

interface GuixItem {
  readonly deriver: string;
  readonly hash: string;
  readonly references: readonly string[];
  readonly 'nar-size': number;
}

function json<Json>(files: ReadonlyMap<string, Buffer>, name: string): Json {
  return JSON.parse(files.get(name)?.toString('utf8') ?? 'null') as Json;
}

function narinfosOf(files: ReadonlyMap<string, Buffer>, folder: string): readonly (readonly [string, Buffer])[] {
  return [...files].filter(([name]) => name.startsWith(`${folder}/`) && name.endsWith('.narinfo'));
}

for (const [store, folders] of [
  ['nix', ['nix-none', 'nix-xz', 'nix-zstd', 'nix-gzip', 'nix-bzip2', 'nix-br']],
  ['gnu', ['gnu-xz']],
] as const) {
  t.test(`caches made by Nix for /${store}/store`, async (t) => {
    const { paths } = json<{ readonly paths: readonly NixPath[] }>(nix, `${store}-paths.json`);
    const infos = new Map(paths.map((info) => [info.path, info]));
    t.equal(infos.size, 12);
    for (const folder of folders) {
      const narinfos = narinfosOf(nix, folder);
      t.equal(narinfos.length, 12, folder);
      for (const [name, bytes] of narinfos) {
        const narinfo = parseNarinfo(`/${store}/store`, bytes);
        const info = infos.get(narinfo.path);
        if (info === undefined) throw new Error(`${narinfo.path} is not in the list`);
        t.ok(name.includes(`/${narinfo.path.split('/')[3]?.slice(0, 32)}.narinfo`));
        t.equal(formatHash(narinfo.narHash, 'sri'), info.narHash);
        t.equal(narinfo.narSize, info.narSize);
        t.same(narinfo.references, [...info.references].sort());
        t.equal(narinfo.deriver, info.deriver);
        t.equal(narinfo.contentAddress ?? null, info.ca);
        t.equal(printFingerprint(narinfo).toString(), info.fingerprint);
        t.same(
          narinfo.nixSignatures.map(
            ({ keyName, signature }) => `${keyName}:${Buffer.from(signature).toString('base64')}`,
          ),
          [info.signature],
        );
        t.equal(narinfo.files[0].compression, folder.split('-')[1]);
        t.equal(narinfo.files[0].fileSize, nix.get(`${folder}/${narinfo.files[0].url}`)?.length);
        t.equal(printNixNarinfo(narinfo).toString(), bytes.toString());
      }
    }
  });
}

t.test('answers of guix publish', async (t) => {
  const items = json<Record<string, GuixItem>>(guix, 'items.json');
  const narinfos = ['gzip', 'none', 'multi'].flatMap((folder) => narinfosOf(guix, folder));
  t.equal(narinfos.length, 20);
  for (const [, bytes] of narinfos) {
    const narinfo = parseNarinfo('/gnu/store', bytes);
    const signature = narinfo.guixSignature;
    if (signature === undefined) throw new Error(`${narinfo.path} is not signed`);
    t.equal(signature.host, 'fixture');
    t.match(Buffer.from(signature.expression).toString(), /^\(signature \n/);
    t.equal(printSignedPart(narinfo).toString(), Buffer.from(signature.signed).toString());
    t.equal(printGuixNarinfo(narinfo).toString(), bytes.toString());
    const item = items[narinfo.path];
    if (item === undefined) continue;
    t.same(narinfo.narHash, parseHash(item.hash, 'sha256'));
    t.same(narinfo.references, [...item.references].sort());
    t.same([narinfo.narSize, narinfo.deriver], [item['nar-size'], item.deriver]);
  }
  const multi = parseNarinfo(
    '/gnu/store',
    guix.get('multi/root/20w23cb0gf31d634csf80wimw7c2m9r6.narinfo') ?? Buffer.of(),
  );
  const name = '20w23cb0gf31d634csf80wimw7c2m9r6-sub-app-1.0';
  t.same(multi.files, [
    { url: `nar/gzip/${name}`, compression: 'gzip', fileSize: 1335 },
    { url: `nar/zstd/${name}`, compression: 'zstd', fileSize: 795 },
    { url: `nar/lzip/${name}`, compression: 'lzip', fileSize: 536 },
  ]);
});
