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

/** The root of a sandbox: in memory, but for the directories that a build may fill. */
export interface SandboxRoot {
  /** An empty directory on which each build has its root, in mounts of its own. */
  readonly mountPoint: string;
  /** The directories on disk that the build sees as the store directory and as /tmp. */
  readonly store: string;
  readonly temporary: string;
  readonly storeDir: string;
  /** True when we are root, and what is in it is root's with the group of the build. */
  readonly privileged: boolean;
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
  /** Nil: no sandbox. */
  readonly root: SandboxRoot | null;
  /** Files of control groups into which the build goes. */
  readonly cgroups: readonly string[];
  /** A network of its own is attached to the outside, for builds that may fetch. */
  readonly attachesNetwork: boolean;
  readonly machine: Machine;
  readonly hardLimits: HardLimits;
}
