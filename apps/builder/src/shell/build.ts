/** One build on this machine, from a free user to the last process killed and the last file removed. */
import type { BuildEvent, Job, Outcome } from '@cooper/contracts';
import { storePathName } from '@cooper/store-path';
import { BuildLimits, type Limit } from '../core/build-limits.ts';
import { launchSpecification } from '../core/launch-specification.ts';
import type { BuildUser } from '../core/place.ts';
import { type BuildDirectory, makeBuildDirectory, writeFiles } from './build-directory.ts';
import type { ControlGroup } from './control-group.ts';
import { fullFileSystem } from './disk-space.ts';
import { type Launched, type LaunchReport, launch, type ProcessEnd } from './launch.ts';
import { launchFailure } from './launch-failure.ts';
import { type LogFile, openLog } from './log-file.ts';
import { makeSandboxRoot } from './sandbox-root.ts';

export interface BuildPlace {
  readonly storeDir: string;
  readonly logDir: string;
  readonly temporary: string;
  readonly machine: string;
  readonly user: BuildUser | null;
  readonly group: ControlGroup | undefined;
}

export interface BuildListener {
  readonly signal: AbortSignal;
  send(event: BuildEvent): Promise<void>;
}

/** The name of the root of the sandbox, below the staging directory of the job. */
const rootName = 'root';

/** Does `job`. Resolves when nothing is left of it but its outputs, its log, and what was asked to be kept. */
export async function runBuild(job: Job, place: BuildPlace, listener: BuildListener): Promise<Outcome> {
  const ids = { uid: place.user?.uid ?? process.getuid?.() ?? 0, gid: place.user?.gid ?? process.getgid?.() ?? 0 };
  const owner = place.user === null ? {} : { uid: place.user.uid, gid: place.user.gid };
  const directory = makeBuildDirectory(place.temporary, storePathName(job.derivation), {
    sandbox: job.sandbox,
    ...owner,
  });
  try {
    writeFiles(directory, job.files, owner);
    const staging = Buffer.from(job.directory).toString();
    const root = job.sandbox ? `${staging}/${rootName}` : null;
    if (root !== null) makeSandboxRoot(root, place.storeDir, { ...ids, privileged: place.user !== null }, job.network);
    const specification = launchSpecification(job, {
      user: place.user,
      ...ids,
      directory: directory.path,
      directoryInside: directory.pathInside,
      root,
      cgroups: place.group === undefined ? [] : [place.group.procs],
      machine: place.machine,
    });
    return await new Build(job, place, listener, directory).run(specification);
  } catch (error) {
    await directory.remove();
    throw error;
  }
}

class Build {
  readonly #job: Job;
  readonly #place: BuildPlace;
  readonly #listener: BuildListener;
  readonly #directory: BuildDirectory;
  readonly #started = Date.now();
  readonly #limits: BuildLimits;
  readonly #log: LogFile;
  #reached: Limit | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(job: Job, place: BuildPlace, listener: BuildListener, directory: BuildDirectory) {
    this.#job = job;
    this.#place = place;
    this.#listener = listener;
    this.#directory = directory;
    this.#limits = new BuildLimits(job.limits, this.#started);
    this.#log = openLog(place.logDir, job.derivation, job.log);
  }

  async run(specification: object): Promise<Outcome> {
    const launched = launch(specification);
    const cancel = () => this.#kill(launched);
    if (this.#listener.signal.aborted) cancel();
    this.#listener.signal.addEventListener('abort', cancel, { once: true });
    const report = await launched.report;
    if (report === undefined || report.step === 'execute') await this.#tellStarted(launched);
    this.#watchLimits(launched);
    const [end] = await Promise.all([this.#waitForEnd(launched), this.#passLog(launched)]);
    clearTimeout(this.#timer);
    this.#listener.signal.removeEventListener('abort', cancel);
    const outcome = await this.#conclude(report, end);
    await this.#log.close();
    return outcome;
  }

  #tellStarted(launched: Launched): Promise<void> {
    const logFile = Buffer.from(this.#log.path);
    return this.#listener.send({ event: 'started', process: launched.process, logFile, time: this.#started });
  }

  /** A build may close its output and go on, or end and leave others who hold it: neither counts but the end of both. */
  async #waitForEnd(launched: Launched): Promise<ProcessEnd> {
    const end = await launched.ended;
    await this.#place.group?.end();
    return end;
  }

  async #passLog(launched: Launched): Promise<void> {
    for await (const data of launched.output as AsyncIterable<Buffer>) {
      this.#limits.hear(data.length, Date.now());
      this.#checkLimits(launched);
      await this.#log.write(data);
      await this.#listener.send({ event: 'log', data });
    }
  }

  #watchLimits(launched: Launched): void {
    const delay = this.#limits.nextDeadline(Date.now());
    if (delay === undefined || this.#reached !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#checkLimits(launched);
        this.#watchLimits(launched);
      },
      Math.min(delay + 1, 0x7fffffff),
    );
  }

  #checkLimits(launched: Launched): void {
    if (this.#reached !== undefined) return;
    this.#reached = this.#limits.reached(Date.now());
    if (this.#reached !== undefined) this.#kill(launched);
  }

  #kill(launched: Launched): void {
    launched.kill();
    void this.#place.group?.end();
  }

  async #conclude(report: LaunchReport | undefined, end: ProcessEnd): Promise<Outcome> {
    const ended = { startTime: this.#started, stopTime: Date.now(), logSize: this.#limits.logSize };
    if (report === undefined && this.#reached === undefined && !this.#listener.signal.aborted && end.exitCode === 0) {
      await this.#directory.remove();
      return { status: 'succeeded', ...ended, ...this.#where() };
    }
    // Before anything is removed: a file system that is full now may be why.
    const full = fullFileSystem([this.#place.storeDir, this.#directory.path]);
    const kept = await this.#keepOrRemove();
    if (this.#listener.signal.aborted) return { status: 'cancelled' };
    if (report !== undefined) return launchFailure(report, this.#job, this.#place.machine);
    if (this.#reached !== undefined) return { status: 'limited', ...ended, limit: this.#reached, ...kept };
    return {
      status: 'failed',
      ...ended,
      ...end,
      ...kept,
      ...(full === undefined ? {} : { fullFileSystem: Buffer.from(full) }),
    };
  }

  #where(): { root?: Uint8Array; owner?: number } {
    const { user } = this.#place;
    return {
      ...(this.#job.sandbox ? { root: Buffer.from(rootName) } : {}),
      ...(user === null ? {} : { owner: user.uid }),
    };
  }

  async #keepOrRemove(): Promise<{ keptDirectory?: Uint8Array }> {
    if (this.#job.keepFailed && !this.#listener.signal.aborted) {
      return { keptDirectory: Buffer.from(this.#directory.keep(this.#job.client, this.#place.user?.uid)) };
    }
    await this.#directory.remove();
    return {};
  }
}
