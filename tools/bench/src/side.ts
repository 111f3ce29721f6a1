/** One of the two that are compared, with a store of its own, running. */
import type { Workload } from './workload.ts';

/** What was added for a workload, by the paths of its derivations. */
export interface Added {
  readonly derivations: readonly string[];
  readonly targets: readonly string[];
}

export interface Side {
  readonly name: string;
  /** Puts the derivations of `workload` into the store. Not timed. */
  add(workload: Workload): Promise<Added>;
  /** Builds the targets. Throws when that fails. */
  build(added: Added): Promise<void>;
  /** Makes every goal for the targets, with no job allowed. */
  plan(added: Added): Promise<void>;
  /** Finds out what would be built. */
  dryRun(added: Added): Promise<void>;
  /** Deletes what nothing keeps: all that was added. */
  collect(): Promise<void>;
  /** Puts the tree at `path` into the store. Not timed. */
  addTree(path: string): Promise<void>;
  /** Hashes the contents of everything in the store. Throws when something is wrong. */
  verify(): Promise<void>;
  /** Makes equal files one. */
  optimise(): Promise<void>;
  stop(): Promise<void>;
}

export interface SideOptions {
  /** An empty directory for everything that the side keeps. */
  readonly root: string;
  readonly sandbox: boolean;
  readonly maxJobs: number;
  /** Whether Cooper makes equal files one as they are added, as it does unless told otherwise; Nix does not. */
  readonly deduplicates?: boolean;
}
