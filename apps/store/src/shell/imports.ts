/** Imports: streams that `nix-store --export` or our own export made. Each path is registered when it is whole. */
import type { Socket } from 'node:net';
import type { StorePath } from '@cooper/store-path';
import { ByteSource } from './byte-source.ts';
import { expectEnd, isNext, restoreItem } from './import-item.ts';
import { checkSignature } from './import-signature.ts';
import type { Keys } from './keys.ts';
import type { LeaseHolder } from './leases.ts';
import { placeTree } from './trees.ts';
import type { World } from './world.ts';

export interface ImportOptions {
  readonly allowUnsigned: boolean;
  readonly holder: LeaseHolder;
}

export class Imports {
  readonly #world: World;
  readonly #keys: Keys;

  constructor(world: World, keys: Keys) {
    this.#world = world;
    this.#keys = keys;
  }

  /** Takes in everything that `socket` brings, and leases it to the channel. Gives the paths in the order of the stream. */
  async take(socket: Socket, options: ImportOptions): Promise<readonly StorePath[]> {
    const source = new ByteSource(socket as AsyncIterable<Buffer>);
    const imported: StorePath[] = [];
    while (await isNext(source)) imported.push(await this.#takeOne(source, options));
    await expectEnd(source);
    return imported;
  }

  async #takeOne(source: ByteSource, { allowUnsigned, holder }: ImportOptions): Promise<StorePath> {
    const { staging, store, leases, pass } = this.#world;
    const staged = staging.place();
    try {
      const item = await restoreItem(source, staged, store.path);
      pass('staged');
      const { info, signature } = item;
      if (signature !== undefined || !allowUnsigned) checkSignature(item, this.#keys.trust.accessList);
      await leases.add(holder, [info.path]);
      await placeTree(this.#world, info, staged);
      return info.path;
    } finally {
      staging.discard(staged);
    }
  }
}
