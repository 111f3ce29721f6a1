/** Archives on their way out: of one path, or of several in the format of `nix-store --export`. */
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { PathInfo } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { createHasher, formatPrefixedHash, type Hasher } from '@cooper/hash';
import { dumpTree } from '@cooper/nar-files';
import { makeGuixSignature, type SecretKey } from '@cooper/signature';
import { exportSignature, exportTrailer, integer } from '../core/export-format.ts';
import type { StoreDirectory } from './store-directory.ts';

/** Writes the archive of a valid path to `socket`. Throws the fault `path-corrupt`; the bytes then end too early. */
export async function sendArchive(store: StoreDirectory, info: PathInfo, socket: Socket): Promise<void> {
  await pipeline(archive(store, info), socket);
}

export interface Export {
  readonly infos: readonly PathInfo[];
  /** Signs each path; without a key, none is signed. */
  readonly key: SecretKey | undefined;
}

/** Writes valid paths to `socket` as `nix-store --export` does. Throws the fault `path-corrupt`, before the path's end. */
export async function sendExport(store: StoreDirectory, wish: Export, socket: Socket): Promise<void> {
  await pipeline(exportStream(store, wish), socket);
}

function* exportStream(store: StoreDirectory, { infos, key }: Export): Generator<Uint8Array> {
  for (const info of infos) {
    yield integer(1);
    const hasher = yield* archive(store, info);
    const trailer = exportTrailer(info);
    hasher.update(trailer);
    yield trailer;
    yield exportSignature(key && makeGuixSignature(key, hasher.digest().digest));
  }
  yield integer(0);
}

/**
 * The archive, held against what is registered: what has been damaged on disk must not spread to other stores. Gives the
 * hasher that has seen it.
 */
function* archive(store: StoreDirectory, { path, narHash }: PathInfo): Generator<Uint8Array, Hasher> {
  const hasher = createHasher('sha256');
  for (const piece of dumpTree(store.locate(path))) {
    hasher.update(piece);
    // The piece is only lent, but the stream may still hold it when the next is made.
    yield Buffer.from(piece);
  }
  const found = formatPrefixedHash(hasher.copy().digest(), 'base16');
  if (found === narHash) return hasher;
  const message = `hash of path \`${path}' has changed from \`${narHash}' to \`${found}'!`;
  throw new Fault('path-corrupt', message, { path, expected: narHash, actual: found });
}
