/** The site of one build: its user, directory, control group and record, taken together and given back together. */
import type { Job } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import { storePathName } from '@cooper/store-path';
import type { BuildUser, Place, SandboxRoot } from '../core/place.ts';
import { BuildDirectory, type DirectoryRequest } from './build-directory.ts';
import type { BuildRecord, Traces } from './build-records.ts';
import type { BuildGroups } from './control-groups.ts';
import { killProcessesOf } from './processes.ts';
import { makeDiskDirectories } from './sandbox-root.ts';
import type { Workshop } from './workshop.ts';

/** Something that was taken, and has not been used yet. */
interface Discardable {
  discard(): void;
}

export class Site {
  readonly #job: Job;
  readonly #workshop: Workshop;
  readonly #user: BuildUser | null;
  readonly #record: BuildRecord;
  readonly #directory: BuildDirectory;
  /** Where the processes of the build are, if there are control groups. */
  readonly groups: BuildGroups | undefined;
  #standing = true;

  /** Takes what `job` needs, or nothing. */
  constructor(job: Job, workshop: Workshop, user: BuildUser | null) {
    this.#job = job;
    this.#workshop = workshop;
    this.#user = user;
    const taken: Discardable[] = [];
    const take = <T extends Discardable | undefined>(thing: T): T => {
      if (thing !== undefined) taken.unshift(thing);
      return thing;
    };
    try {
      // The record comes first: what is not on it would outlast a crash.
      this.#record = take(workshop.records.open());
      this.#directory = take(new BuildDirectory(this.#directoryRequest()));
      this.groups = take(workshop.groups.make());
      this.#record.write(this.#traces());
    } catch (error) {
      for (const thing of taken) thing.discard();
      throw error;
    }
  }

  #directoryRequest(): DirectoryRequest {
    const { derivation, sandbox, files } = this.#job;
    return {
      temporary: this.#workshop.temporary,
      name: storePathName(derivation),
      sandbox,
      files,
      owner: this.#user,
    };
  }

  #traces(): Traces {
    const { outer: path, inode } = this.#directory;
    return {
      directory: { path, inode },
      ...(this.groups === undefined ? {} : { controlGroups: this.groups.traces }),
      ...(this.#user === null ? {} : { uid: this.#user.uid }),
    };
  }

  get directory(): string {
    return this.#directory.path;
  }

  /** Lays everything out, and says where the build is to run. */
  layOut(): Place {
    const user = this.#user;
    const ids = { uid: user?.uid ?? process.getuid?.() ?? 0, gid: user?.gid ?? process.getgid?.() ?? 0 };
    this.#directory.furnish();
    return {
      user,
      ...ids,
      directory: this.#directory.path,
      directoryInside: this.#directory.pathInside,
      root: this.#job.sandbox ? this.#makeRoot() : null,
      cgroups: this.groups?.members ?? [],
      attachesNetwork: this.#job.sandbox && this.#workshop.networkHelper !== undefined,
      machine: this.#workshop.machine,
      hardLimits: this.#workshop.hardLimits,
    };
  }

  #makeRoot(): SandboxRoot {
    const { storeDir, rootMountPoint: mountPoint } = this.#workshop;
    const onDisk = makeDiskDirectories(this.#job, this.#user?.gid ?? null);
    return { mountPoint, storeDir, ...onDisk, privileged: this.#user !== null };
  }

  /** Kills what the build has left behind. Resolves when nothing of it runs; then files can be touched. */
  async killSurvivors(): Promise<void> {
    if (this.groups !== undefined) await this.groups.end();
    else if (this.#user !== null) await killProcessesOf(this.#user.uid);
  }

  /** Keeps the build directory if the job wants it kept, and says where. */
  async keepDirectory(): Promise<{ readonly keptDirectory?: Uint8Array }> {
    if (!this.#job.keepFailed) return {};
    const path = await this.#directory.keep(this.#job.client);
    this.#standing = false;
    return { keptDirectory: Buffer.from(path) };
  }

  /** Kills whatever still runs and removes what was not kept. What cannot be removed is tried again at the next start. */
  async clear(): Promise<void> {
    try {
      await this.killSurvivors();
      if (this.#standing) await this.#directory.remove();
      this.#record.discard();
    } catch (error) {
      // Not locked any more: whoever cleans up next finds it.
      this.#record.leave();
      if (!isFault(error)) throw error;
      this.#workshop.log.warning(`cannot clean up after a build: ${error.message}`);
    }
  }
}
