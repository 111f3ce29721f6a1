/** Build logs, as they lie on disk, or decompressed for whom cannot do that. */
import { constants, createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type LogCompression, logPlaces } from '@cooper/build-log';
import { isDerivationPath, type StorePath } from '@cooper/store-path';
import type { Answer, BodyWriter, Conditions } from './answer.ts';
import { isErrno } from './errno.ts';
import type { Site } from './site.ts';

/** The log of a derivation, or of what made an output; nothing where there is none. */
export async function logAnswer(site: Site, path: StorePath, conditions: Conditions): Promise<Answer | undefined> {
  const derivation = isDerivationPath(path) ? path : await deriverOf(site, path);
  if (derivation === null) return undefined;
  for (const { path: file, compression } of logPlaces(site.options.directories.log, derivation)) {
    if (await isReadable(file)) return encoded(file, compression, conditions);
  }
  return undefined;
}

async function deriverOf({ store }: Site, path: StorePath): Promise<StorePath | null> {
  const { infos } = await store.call('queryPathInfos', { paths: [path] });
  return infos[0]?.deriver ?? null;
}

/** What others may not read is not there for others. */
async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return false;
    throw error;
  }
}

/** How HTTP calls the compressions, and what undoes those that not every client can. */
const encodings: Readonly<Record<LogCompression, { readonly name?: string; readonly undo?: () => Transform }>> = {
  gzip: { name: 'gzip', undo: createGunzip },
  zstd: { name: 'zstd', undo: createZstdDecompress },
  bzip2: { name: 'x-bzip2' },
  none: {},
};

function encoded(file: string, compression: LogCompression, { acceptEncoding }: Conditions): Answer {
  const { name, undo } = encodings[compression];
  const headers = { 'content-type': 'text/plain;charset=UTF-8', vary: 'accept-encoding' };
  if (name === undefined || undo === undefined || new RegExp(`\\b${name}\\b`).test(acceptEncoding)) {
    const encoding = name === undefined ? {} : { 'content-encoding': name };
    const body: BodyWriter = (sink, signal) => pipeline(createReadStream(file), sink, { signal });
    return { status: 200, headers: { ...headers, ...encoding }, body };
  }
  return { status: 200, headers, body: (sink, signal) => pipeline(createReadStream(file), undo(), sink, { signal }) };
}
