/** A build that the store has prepared, and what it takes to end it. */
import type { BuildMode, OutputPath } from '@cooper/contracts';
import type { Derivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import type { Claim } from './claim.ts';
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
  readonly claim: Claim;
}

/** Takes away what a build leaves behind: outputs that are not valid, its staging directory, its locks. */
export function endBuild({ paths, staging, store }: World, { missing, directory, claim }: PreparedBuild): void {
  try {
    for (const { path } of missing) if (!paths.isValid(path)) staging.discard(store.locate(path));
    staging.discard(directory);
  } finally {
    claim[Symbol.dispose]();
  }
}
