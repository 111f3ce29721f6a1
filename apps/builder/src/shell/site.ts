/** The site of one build: its user, directory, control group and record, taken together and given back together. */
import type { Job } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import { storePathName } from '@cooper/store-path';
import type { BuildUser, Place } from '../core/place.ts';
import { BuildDirectory } from './build-directory.ts';
import type { BuildRecord, Traces } from './build-records.ts';
import type { ControlGroup } from './control-group.ts';
import { killProcessesOf } from './processes.ts';
import { makeSandboxRoot } from './sandbox-root.ts';
import type { Workshop } from './workshop.ts';

export class Site {
  readonly #job: Job;
  readonly #workshop: Workshop;
  readonly #user: BuildUser | null;
  readonly #record: BuildRecord;
  readonly #directory: BuildDirectory;
  /** Where the processes of the build are, if there are control groups. */
  readonly group: ControlGroup | undefined;
  #standing = true;

  /** Takes what `job` needs. The record comes first: what is not on it would outlast a crash. */
  constructor(job: Job, workshop: Workshop, user: BuildUser | null) {
    this.#job = job;
    this.#workshop = workshop;
    this.#user = user;
    this.#record = workshop.records.open();
    try {
      this.#directory = new BuildDirectory({
        temporary: workshop.temporary,
        name: storePathName(job.derivation),
        sandbox: job.sandbox,
        files: job.files,
        owner: user,
      });
      this.group = workshop.groups.make();
      this.#record.write(this.#traces());
    } catch (error) {
      // What is there already is what the next start finds on the record, or an empty directory.
      this.#record.leave();
      throw error;
    }
  }

  #traces(): Traces {
    const { outer: path, inode } = this.#directory;
    return {
      directory: { path, inode },
      ...(this.group === undefined ? {} : { controlGroup: this.group.directory }),
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
    const owner = { ...ids, privileged: user !== null };
    return {
      user,
      ...ids,
      directory: this.#directory.path,
      directoryInside: this.#directory.pathInside,
      root: this.#job.sandbox ? makeSandboxRoot(this.#job, this.#workshop.storeDir, owner) : null,
      cgroups: this.group === undefined ? [] : [this.group.members],
      machine: this.#workshop.machine,
      hardLimits: this.#workshop.hardLimits,
    };
  }

  /** Kills what the build has left behind. Resolves when nothing of it runs; then files can be touched. */
  async killSurvivors(): Promise<void> {
    if (this.group !== undefined) await this.group.end();
    else if (this.#user !== null) await killProcessesOf(this.#user.uid);
  }

  /** Keeps the build directory if the job wants it kept, and says where. */
  async keepDirectory(): Promise<{ readonly keptDirectory?: Uint8Array }> {
    if (!this.#job.keepFailed) return {};
    this.#standing = false;
    return { keptDirectory: Buffer.from(await this.#directory.keep(this.#job.client)) };
  }

  /** Kills whatever still runs and removes what was not kept. What cannot be removed is tried again at the next start. */
  async clear(): Promise<void> {
    await this.killSurvivors();
    try {
      if (this.#standing) await this.#directory.remove();
      this.#record.remove();
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#workshop.log.warning(`cannot clean up after a build: ${error.message}`);
      this.#record.leave();
    }
  }
}
