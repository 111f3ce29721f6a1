/** Trees in and out: additions, archives of valid paths, exports and imports. */
import { renameSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PathInfo } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { isHashAlgorithm } from '@cooper/hash';
import { canonicaliseTree, dumpTree } from '@cooper/nar-files';
import { makeFixedOutputPath, parseStorePath, type StorePath } from '@cooper/store-path';
import { type ContentHash, takeArchive } from './archive-intake.ts';
import { exportTrailer, integer } from './export-format.ts';
import type { World } from './world.ts';

export interface TreeWish {
  readonly name: string;
  readonly recursive: boolean;
  readonly hashAlgorithm: string;
  readonly references?: readonly StorePath[];
}

export class Trees {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes in the tree that `socket` brings, and registers it under the path that its contents give. */
  async add(wish: TreeWish, socket: Socket): Promise<PathInfo> {
    const { storeDir, staging, paths } = this.#world;
    const content = contentHash(wish);
    const references = (wish.references ?? []).map((path) => parseStorePath(storeDir, path));
    const directory = staging.make();
    try {
      const staged = `${directory}/item`;
      const intake = await takeArchive(socket, staged, content);
      const path = makeFixedOutputPath({
        storeDir,
        name: wish.name,
        hash: intake.contentHash,
        recursive: wish.recursive,
        references,
      });
      if (!paths.isValid(path)) {
        await this.#settle(staged, path);
        paths.register([{ path, references, deriver: null, narHash: intake.narHash, narSize: intake.narSize }]);
      }
      return paths.info(path) as PathInfo;
    } finally {
      staging.discard(directory);
    }
  }

  /** Makes a staged tree canonical and moves it to its place. It is not registered yet. */
  async #settle(staged: string, path: StorePath): Promise<void> {
    canonicaliseTree(staged);
    this.#world.staging.discard(path);
    renameSync(staged, path);
  }

  /** Writes the archive of a valid path to `socket`. */
  async dump(path: StorePath, socket: Socket): Promise<PathInfo> {
    const info = this.#valid(path);
    await pipeline(Readable.from(dumpTree(path)), socket);
    return info;
  }

  /** Writes valid paths to `socket` as `nix-store --export` does. */
  async export(paths: readonly StorePath[], socket: Socket): Promise<void> {
    const infos = paths.map((path) => this.#valid(path));
    await pipeline(Readable.from(exportStream(infos)), socket);
  }

  #valid(path: StorePath): PathInfo {
    const info = this.#world.paths.info(path);
    if (info === null) throw new Fault('path-not-valid', `path \`${path}' is not valid`, { path });
    return info;
  }
}

function contentHash({ hashAlgorithm, recursive }: TreeWish): ContentHash {
  if (!isHashAlgorithm(hashAlgorithm))
    throw new Fault('invalid-hash', `unknown hash algorithm \`${hashAlgorithm}'`, { hashAlgorithm });
  return { algorithm: hashAlgorithm, recursive };
}

function* exportStream(infos: readonly PathInfo[]): Generator<Uint8Array> {
  for (const info of infos) {
    yield integer(1);
    yield* dumpTree(info.path);
    yield exportTrailer(info);
  }
  yield integer(0);
}
