/** The directory in which a build has left its outputs: in the root that its builder saw, or the store directory itself. */
import { fromBytes, fromText } from '@cooper/byte-string';
import { type StorePath, storePathBaseName } from '@cooper/store-path';
import {
  close,
  O_DIRECTORY,
  O_PATH,
  openat,
  openat2,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
} from '@cooper/system-calls';
import { isErrno } from './storage-fault.ts';
import type { Location } from './store-directory.ts';
import type { World } from './world.ts';

/** Where a builder made its outputs, below the staging directory: one of the two, or neither. */
export interface MakingPlace {
  /** The root that it saw. */
  readonly root?: Uint8Array;
  /** What it saw as the store directory. */
  readonly storeDirectory?: Uint8Array;
}

export class OutputDirectory implements Disposable {
  /** True when outputs lie where they belong already. */
  readonly isStore: boolean;
  /** Nothing where there is no such directory. */
  readonly #descriptor: number | undefined;

  /** What is in the way to `place` below `staging`, the builder's doing, leads nowhere else. */
  constructor(world: World, staging: Location, place: MakingPlace) {
    const path = pathBelowStaging(place, world.store.path);
    this.isStore = path === undefined;
    this.#descriptor = path === undefined ? world.store.descriptor : openBelow(staging, path);
  }

  /** Where the output `path` lies, if it is there. */
  locate(path: StorePath): Location | undefined {
    if (this.#descriptor === undefined) return undefined;
    return { directory: this.#descriptor, name: fromText(storePathBaseName(path)) };
  }

  [Symbol.dispose](): void {
    if (!this.isStore && this.#descriptor !== undefined) close(this.#descriptor);
  }
}

/** Nothing where the builder wrote to the store itself. */
function pathBelowStaging({ root, storeDirectory }: MakingPlace, storeDir: string): string | undefined {
  if (storeDirectory !== undefined) return fromBytes(storeDirectory);
  return root === undefined ? undefined : `${fromBytes(root)}${storeDir}`;
}

function openBelow({ directory, name }: Location, path: string): number | undefined {
  const staging = openat(directory, name, O_PATH | O_DIRECTORY);
  try {
    return openat2(staging, path, {
      flags: O_PATH | O_DIRECTORY,
      resolve: RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    });
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EXDEV')) return undefined;
    throw error;
  } finally {
    close(staging);
  }
}
