/**
 * Outputs that were made on another machine, for a build that is prepared here: what an authorised key has signed is put
 * into the staging directory of the build when all of it is there, and judged later as what a builder left is. Nothing
 * can be seen of it before that, and nothing is left of a delivery that fails.
 */
import type { Socket } from 'node:net';
import { toBytes } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { type StorePath, storePathBaseName } from '@cooper/store-path';
import { type PreparedBuild, placeOfMaking } from './build.ts';
import { ByteSource } from './byte-source.ts';
import { expectEnd, isNext, restoreItem } from './import-item.ts';
import { checkSignature } from './import-signature.ts';
import type { Keys } from './keys.ts';
import type { NewPath } from './registrar.ts';
import { type Location, moveEntry, OpenDirectory } from './store-directory.ts';
import type { World } from './world.ts';

export interface Delivery {
  /** Below the staging directory of the build: what stands for the store directory. */
  readonly storeDirectory: Uint8Array;
  readonly paths: readonly StorePath[];
}

/** A delivery on its way in: the outputs taken so far, and the directory in which they are, open. */
interface Arrival {
  readonly build: PreparedBuild;
  readonly descriptor: number;
  readonly outputs: Set<StorePath>;
}

export class Deliveries {
  readonly #world: World;
  readonly #keys: Keys;

  constructor(world: World, keys: Keys) {
    this.#world = world;
    this.#keys = keys;
  }

  /** The build of `derivation` that is prepared, on whatever channel. Throws the fault `unknown-build`. */
  find(derivation: StorePath): PreparedBuild {
    const build = this.#world.prepared.get(derivation);
    if (build === undefined) throw unprepared(derivation);
    return build;
  }

  /** Takes in everything that `socket` brings. */
  async take(socket: Socket, build: PreparedBuild): Promise<Delivery> {
    const { staging, prepared } = this.#world;
    const directory = staging.makeDirectory();
    try {
      const outputs = await this.#takeAll(socket, build, directory);
      // It may have ended meanwhile, or be with the judge: then its directory is not for others to write to.
      if (prepared.get(build.path) !== build) throw unprepared(build.path);
      using place = new OpenDirectory(build.directory);
      moveEntry(directory, { directory: place.descriptor, name: directory.name });
      return { storeDirectory: toBytes(directory.name), paths: outputs };
    } finally {
      staging.discard(directory);
    }
  }

  async #takeAll(socket: Socket, build: PreparedBuild, directory: Location): Promise<readonly StorePath[]> {
    const source = new ByteSource(socket as AsyncIterable<Buffer>);
    const outputs = new Set<StorePath>();
    using place = new OpenDirectory(directory);
    while (await isNext(source)) await this.#takeOne(source, { build, descriptor: place.descriptor, outputs });
    await expectEnd(source);
    return [...outputs];
  }

  async #takeOne(source: ByteSource, arrival: Arrival): Promise<void> {
    const { staging, store, pass } = this.#world;
    const staged = staging.place();
    try {
      const item = await restoreItem(source, staged, store.path);
      pass('staged');
      checkSignature(item, this.#keys.trust.accessList);
      this.#put(item.info, staged, arrival);
    } finally {
      staging.discard(staged);
    }
  }

  /** What the build has to make is kept. An output that is valid here comes along where another refers to it, and is not. */
  #put({ path }: NewPath, staged: Location, { build, descriptor, outputs }: Arrival): void {
    const isOutput = [...build.derivation.outputs.values()].some((output) => output.path === path);
    if (!isOutput || outputs.has(path)) throw unwanted(path);
    if (!build.missing.some((output) => output.path === path)) return;
    const { name } = this.#world.store.locate(placeOfMaking(build, path));
    moveEntry(staged, { directory: descriptor, name });
    outputs.add(path);
  }
}

function unprepared(derivation: StorePath): Fault {
  return new Fault('unknown-build', `no build of \`${derivation}' is prepared`, { derivation });
}

function unwanted(path: StorePath): Fault {
  const message = `\`${storePathBaseName(path)}' was delivered twice, or is no output of the derivation that was built`;
  return new Fault('unwanted-output', message, { path });
}
