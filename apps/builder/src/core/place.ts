/** Where and as whom a build runs on this machine: what the builder adds to a job. */

export interface BuildUser {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
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
  /** The system of this machine. */
  readonly machine: string;
}
