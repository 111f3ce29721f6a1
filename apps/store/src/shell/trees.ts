/** Trees that come in by themselves: under the name that their contents give. */
import type { Socket } from 'node:net';
import type { PathInfo } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { isHashAlgorithm } from '@cooper/hash';
import { checkStoreName, makeFixedOutputPath, parseStorePath, type StorePath } from '@cooper/store-path';
import { type ContentHash, takeArchive } from './archive-intake.ts';
import { Claim } from './claim.ts';
import type { LeaseHolder } from './leases.ts';
import { placeItems, stagedItem } from './placement.ts';
import type { NewPath } from './registrar.ts';
import type { Location } from './store-directory.ts';
import { withOutputs } from './with-outputs.ts';
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

  /** What of a wish can be refused before any bytes are taken. */
  check(wish: TreeWish): void {
    checkStoreName(wish.name);
    contentHash(wish);
    const storeDir = this.#world.store.path;
    for (const path of wish.references ?? []) parseStorePath(storeDir, path);
  }

  /** Takes in the tree that `socket` brings, registers it, and leases it to the channel. */
  async add(wish: TreeWish, socket: Socket, holder: LeaseHolder): Promise<PathInfo> {
    const { store, staging, paths, leases, pass } = this.#world;
    const staged = staging.place();
    try {
      const intake = await takeArchive(socket, staged, contentHash(wish));
      pass('staged');
      const references = [...new Set(wish.references ?? [])].sort();
      const { name, recursive } = wish;
      const path = makeFixedOutputPath({
        storeDir: store.path,
        name,
        recursive,
        hash: intake.contentHash,
        references,
      });
      await leases.add(holder, [path]);
      const { narHash, narSize } = intake;
      await placeTree(this.#world, { path, references, deriver: null, narHash, narSize }, staged);
      return paths.info(path) as PathInfo;
    } finally {
      staging.discard(staged);
    }
  }
}

/** Puts a staged, canonical tree in its place and registers it, unless it is valid already. */
export async function placeTree(world: World, info: NewPath, staged: Location): Promise<void> {
  const { store, staging, paths } = world;
  if (paths.isValid(info.path)) return;
  using _claim = await Claim.wait(world, [info.path]);
  if (paths.isValid(info.path)) return;
  staging.discard(store.locate(info.path));
  world.pass('canonical');
  await placeItems(world, [stagedItem(world, withOutputs(world, info, staged), staged)]);
}

function contentHash({ hashAlgorithm, recursive }: TreeWish): ContentHash {
  if (isHashAlgorithm(hashAlgorithm)) return { algorithm: hashAlgorithm, recursive };
  throw new Fault('invalid-hash', `unknown hash algorithm \`${hashAlgorithm}'`, { hashAlgorithm });
}
