/** A build that the store has prepared, and what it takes to end it. */
import type { BuildMode, OutputPath } from '@cooper/contracts';
import type { Derivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import type { Claim } from './claim.ts';
import type { NewPath } from './registrar.ts';
import type { Location } from './store-directory.ts';
import type { World } from './world.ts';

export interface PreparedBuild {
  readonly path: StorePath;
  readonly derivation: Derivation;
  readonly mode: BuildMode;
  /** The staging directory. */
  readonly directory: Location;
  /** The closure of the inputs. */
  readonly inputs: readonly StorePath[];
  /** The outputs that the build is for, by name. */
  readonly missing: readonly OutputPath[];
  /** The builder writes to the store directory itself. */
  readonly inPlace: boolean;
  /** Outputs that are made somewhere else, and where. */
  readonly scratch: ReadonlyMap<StorePath, StorePath>;
  readonly claim: Claim;
  /** What the round before made, as long as another is to come. */
  round: readonly Version[];
  /** Outputs that are not registered and stay all the same: somebody wants to look at them. */
  readonly kept: Set<StorePath>;
}

/** An output as it was made once. */
export interface Version {
  readonly info: NewPath;
  /** Where it lies. */
  readonly location: Location;
}

/** Where the builder makes the output `path`. */
export function placeOfMaking({ scratch }: PreparedBuild, path: StorePath): StorePath {
  return scratch.get(path) ?? path;
}

/**
 * Takes away what a build leaves behind: outputs that are not valid, those made somewhere else, the round before, its
 * staging directory, its locks.
 */
export function endBuild(world: World, build: PreparedBuild): void {
  const { missing, scratch, round, directory, claim } = build;
  try {
    const isLeft = (path: StorePath) => !world.paths.isValid(path) && !build.kept.has(path);
    const outputs = missing.map(({ path }) => path).filter(isLeft);
    for (const path of [...outputs, ...scratch.values()]) world.staging.discard(world.store.locate(path));
    for (const { location } of round) world.staging.discard(location);
    world.staging.discard(directory);
  } finally {
    claim[Symbol.dispose]();
  }
}
