/** One build on this machine, from the start of its launcher to the last process killed and the last file removed. */
import { type LogFile, openLog } from '@cooper/build-log';
import type { BuildEvent, Job, LaunchReport, MachineLimit, Outcome } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import { BuildLimits, type Limit } from '../core/build-limits.ts';
import { launchSpecification } from '../core/launch-specification.ts';
import type { BuildUser } from '../core/place.ts';
import { setupNote } from '../core/setup-note.ts';
import { NetworkAttachment } from './attached-network.ts';
import { Launched } from './launch.ts';
import { launchFailure } from './launch-failure.ts';
import type { ProcessEnd } from './process-end.ts';
import { storeDirectoryName } from './sandbox-root.ts';
import { countMemoryKills, fullFileSystem } from './shortage.ts';
import { Site } from './site.ts';
import type { Workshop } from './workshop.ts';

export interface BuildListener {
  /** Aborted when nobody wants the build any more. */
  readonly signal: AbortSignal;
  /** Resolves when there is room for more. */
  send(event: BuildEvent): Promise<void>;
}

export interface BuildOrder {
  readonly job: Job;
  /** The user to build as; nil: who we are. */
  readonly user: BuildUser | null;
  readonly workshop: Workshop;
  readonly listener: BuildListener;
  /** Takes over the site of a build that may fail after all, and gives the number to settle it by. */
  readonly hold: (site: Site) => number;
}

/** Does a job. Resolves when nothing is left of it but its outputs, its log, and what was asked to be kept or is held. */
export async function runBuild(order: BuildOrder): Promise<Outcome> {
  const { job, user, workshop } = order;
  const site = new Site(job, workshop, user);
  let held: number | undefined;
  try {
    const specification = launchSpecification(job, site.layOut());
    const outcome = await withLog(order, (log) => new Build(order, site, log).run(specification));
    if (outcome.status !== 'succeeded' || !job.keepFailed) return outcome;
    held = order.hold(site);
    return { ...outcome, held };
  } finally {
    if (held === undefined) await site.clear();
  }
}

/** The log is whole when `run` has an outcome to tell. */
async function withLog({ job, workshop }: BuildOrder, run: (log: LogFile) => Promise<Outcome>): Promise<Outcome> {
  const log = openLog(workshop.logDir, job.derivation, job.log);
  try {
    return await run(log);
  } finally {
    await log.close();
  }
}

class Build {
  readonly #order: BuildOrder;
  readonly #site: Site;
  readonly #log: LogFile;
  readonly #started = Date.now();
  readonly #memoryKills = countMemoryKills();
  readonly #limits: BuildLimits;
  #attaching: Promise<NetworkAttachment> | undefined;
  #reached: Limit | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(order: BuildOrder, site: Site, log: LogFile) {
    this.#order = order;
    this.#site = site;
    this.#log = log;
    this.#limits = new BuildLimits(order.job.limits, performance.now());
  }

  async run(specification: ReturnType<typeof launchSpecification>): Promise<Outcome> {
    const { launchers } = this.#order.workshop;
    const launched = new Launched(launchers.take(), specification, (launcher) => this.#attachNetwork(launcher));
    const { signal } = this.#order.listener;
    const cancel = () => this.#kill(launched);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      const [report, end] = await this.#follow(launched);
      return await this.#conclude(report, end);
    } finally {
      clearTimeout(this.#timer);
      await this.#detachNetwork();
      signal.removeEventListener('abort', cancel);
    }
  }

  async #attachNetwork(launcher: number): Promise<void> {
    this.#attaching = NetworkAttachment.attach(this.#order.workshop.networkHelper ?? '', launcher);
    await this.#attaching;
  }

  /** Also when the build has ended before its network was there. */
  async #detachNetwork(): Promise<void> {
    try {
      await (await this.#attaching)?.detach();
    } catch (error) {
      // That it could not be attached has been told.
      if (!isFault(error, 'network-helper-failed')) throw error;
    }
  }

  /** Resolves when the build has ended, all that it left is killed, and all that it said is passed on. */
  async #follow(launched: Launched): Promise<[LaunchReport | undefined, ProcessEnd]> {
    const end = this.#waitForEnd(launched);
    try {
      return await Promise.all([this.#listen(launched), end]);
    } catch (error) {
      this.#kill(launched);
      await end;
      throw error;
    }
  }

  async #waitForEnd(launched: Launched): Promise<ProcessEnd> {
    const end = await launched.ended;
    await this.#site.killSurvivors();
    return end;
  }

  async #listen(launched: Launched): Promise<LaunchReport | undefined> {
    const report = await launched.report;
    this.#order.workshop.launchers.startAhead();
    if (report === undefined || report.step === 'execute') await this.#tellStarted(launched);
    this.#watchLimits(launched);
    await this.#passLog(launched);
    return report;
  }

  #tellStarted({ pid }: Launched): Promise<void> {
    const logFile = Buffer.from(this.#log.path);
    return this.#order.listener.send({ event: 'started', process: pid, logFile, time: this.#started });
  }

  /** Ends when everybody who could write has: a build may close its output and go on. */
  async #passLog(launched: Launched): Promise<void> {
    for await (const data of launched.output as AsyncIterable<Buffer>) {
      const kept = data.subarray(0, this.#limits.hear(data.length, performance.now()));
      this.#checkLimits(launched);
      if (kept.length > 0) await this.#passOn(kept);
      this.#limits.listen(performance.now());
    }
  }

  async #passOn(data: Buffer): Promise<void> {
    await this.#log.write(data);
    await this.#order.listener.send({ event: 'log', data });
  }

  #watchLimits(launched: Launched): void {
    const delay = this.#limits.nextDeadline(performance.now());
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
    this.#reached = this.#limits.reached(performance.now());
    if (this.#reached !== undefined) this.#kill(launched);
  }

  #kill(launched: Launched): void {
    this.#site.groups?.kill();
    launched.kill();
  }

  async #conclude(report: LaunchReport | undefined, end: ProcessEnd): Promise<Outcome> {
    const { job, workshop, listener } = this.#order;
    const ended = { startTime: this.#started, stopTime: Date.now(), logSize: this.#limits.logSize };
    if (listener.signal.aborted) return { status: 'cancelled', ...(await this.#site.keepDirectory()) };
    if (this.#reached !== undefined)
      return { status: 'limited', ...ended, limit: this.#reached, ...(await this.#site.keepDirectory()) };
    if (report !== undefined) return await this.#note(launchFailure(report, job, workshop.machine));
    if (end.exitCode === 0) return { status: 'succeeded', ...ended, ...this.#where() };
    // Before anything is removed: a file system that is full now may be why.
    const shortage = this.#findShortage();
    return { status: 'failed', ...ended, ...end, ...shortage, ...(await this.#site.keepDirectory()) };
  }

  async #note(outcome: Outcome): Promise<Outcome> {
    const note = setupNote(this.#order.job, outcome);
    if (note !== undefined) await this.#log.write(Buffer.from(note));
    return outcome;
  }

  #findShortage(): { fullFileSystem?: Uint8Array; outOfMemory?: boolean; metLimits?: readonly MachineLimit[] } {
    const metLimits = this.#site.groups?.metLimits ?? [];
    const full = fullFileSystem([this.#order.workshop.storeDir, this.#site.directory]);
    return {
      ...(full === undefined ? {} : { fullFileSystem: Buffer.from(full) }),
      ...(metLimits.length === 0 ? {} : { metLimits }),
      // The kernel counts those that were killed for the limit of a build, too: of this one, or of another.
      ...(countMemoryKills() > this.#memoryKills && !metLimits.includes('max-build-memory')
        ? { outOfMemory: true }
        : {}),
    };
  }

  #where(): { storeDirectory?: Uint8Array; owner?: number } {
    const { job, user } = this.#order;
    return {
      ...(job.sandbox ? { storeDirectory: Buffer.from(storeDirectoryName) } : {}),
      ...(user === null ? {} : { owner: user.uid }),
    };
  }
}
