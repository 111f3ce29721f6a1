/** Narinfos: what the store signs, and where the archive is in each compression that is offered. */

import type { PathInfo } from '@cooper/contracts';
import { type NarFile, printNarFiles } from '@cooper/narinfo';
import { storePathBaseName } from '@cooper/store-path';
import type { CompressionChoice } from '../core/compression.ts';
import { narUrl } from '../core/route.ts';
import { type Answer, lifetime } from './answer.ts';
import type { Site } from './site.ts';

/** The narinfo of the path with this hash part; nothing where none is valid. */
export async function narinfoAnswer(site: Site, hashPart: string): Promise<Answer | undefined> {
  const { store, heads, options } = site;
  const { path } = await store.call('queryPathFromHashPart', { hashPart });
  if (path === null) return undefined;
  const { infos } = await store.call('queryPathInfos', { paths: [path] });
  const [info] = infos;
  const head = info ? await heads.of(info) : undefined;
  // It may have gone in between.
  if (!info || head === undefined) return undefined;
  const files = await Promise.all(options.choices.map((choice) => describe(site, info, choice)));
  const body = Buffer.concat([head, printNarFiles(files)]);
  const headers = { 'content-type': 'application/x-nix-narinfo;charset=utf-8', ...lifetime(options.ttl) };
  return { status: 200, headers, body };
}

/** How large a compressed archive is is known once it is kept. */
async function describe({ files }: Site, info: PathInfo, choice: CompressionChoice): Promise<NarFile> {
  const { compression } = choice;
  const url = narUrl(storePathBaseName(info.path), compression);
  if (compression === 'none') return { url, compression, fileSize: info.narSize };
  const file = await files?.find({ narHash: info.narHash, choice });
  return file === undefined ? { url, compression } : { url, compression, fileSize: file.size };
}
