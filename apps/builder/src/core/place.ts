/** Where and as whom a build runs on this machine: what the builder adds to a job. */

export interface BuildUser {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** The systems of this machine. */
export interface Machine {
  /** What it builds for; whoever set it up may have chosen. */
  readonly system: string;
  /** What its processor is. */
  readonly processor: string;
}

/** The hard limits that a build inherits; nil is infinity. Without root's rights none of them can be raised. */
export interface HardLimits {
  readonly core: number | null;
  readonly nofile: number | null;
}

export interface Place {
  /** The user to become; nil: the user that we are, who is not root. */
  readonly user: BuildUser | null;
  /** The ids that the build has, in its own eyes as in passwd. */
  readonly uid: number;
  readonly gid: number;
  /** The directory of the build on the host, and as the build sees it. */
  readonly directory: string;
  readonly directoryInside: string;
  /** The root of the sandbox; nil: none. */
  readonly root: string | null;
  /** Files of control groups into which the build goes. */
  readonly cgroups: readonly string[];
  /** A network of its own is attached to the outside, for builds that may fetch. */
  readonly attachesNetwork: boolean;
  readonly machine: Machine;
  readonly hardLimits: HardLimits;
}
