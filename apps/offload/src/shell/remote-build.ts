/** A job done at one machine: its inputs there, its log and its outputs back here. */
import { type LogFile, openLog } from '@cooper/build-log';
import type { Compression } from '@cooper/bulk';
import type { BuildEvent, Job, Outcome, RemoteEvent, storeContract } from '@cooper/contracts';
import { type Client, orAborted } from '@cooper/ipc';
import type { Input } from './inputs.ts';
import { LimitGuard } from './limit-guard.ts';
import { machineFailure, within } from './machine-failure.ts';
import type { Member } from './member.ts';
import { Returning } from './returning.ts';
import type { Session } from './session.ts';

export interface JobListener {
  readonly signal: AbortSignal;
  send(event: BuildEvent): Promise<void>;
}

export interface JobSite {
  /** The closure that the build needs there. */
  readonly inputs: readonly Input[];
  readonly listener: JobListener;
}

export class RemoteBuild {
  readonly #store: Client<typeof storeContract>;
  readonly #logDir: string;

  constructor(store: Client<typeof storeContract>, logDir: string) {
    this.#store = store;
    this.#logDir = logDir;
  }

  /** Throws a failure of the machine where it was the machine that failed, and a fault of ours where it was ours. */
  async run(member: Member, job: Job, site: JobSite): Promise<Outcome> {
    const session = await orAborted(member.open(), site.listener.signal);
    const record = new BuildRecord(this.#logDir, job, { session, listener: site.listener });
    try {
      return await this.#buildAt(session, job, { ...site, record });
    } finally {
      await record.close();
    }
  }

  async #buildAt(session: Session, job: Job, site: RecordedSite): Promise<Outcome> {
    const { inputs, listener, record } = site;
    await orAborted(session.inputs.ensure(inputs), listener.signal);
    const imports = session.sending.carrying(inputs);
    const { compression } = session.sending;
    const returning = new Returning(this.#store, job, compression);
    try {
      const outcome = await this.#build(session, job, { ...site, imports, compression, returning });
      if (outcome.status !== 'succeeded') return ownOutcome(outcome, job, record);
      const storeDirectory = await returning.finish();
      session.inputs.add(job.outputs.map(({ path }) => path));
      await record.begin();
      return { status: 'succeeded', ...record.span, storeDirectory };
    } finally {
      returning.abandon();
    }
  }

  async #build(session: Session, job: Job, way: Way): Promise<Outcome> {
    const { inputs, imports, compression, returning, listener, record } = way;
    const { derivation, limits } = job;
    const guard = new LimitGuard(limits, session);
    const stop = new AbortController();
    const take = async (event: RemoteEvent) => {
      if (event.event === 'piece') await returning.take(event.data);
      else if (event.event === 'outputs') await returning.expect(event.size);
      else if (event.event === 'log') await record.log(event.data);
      else if (event.event === 'remark') await listener.send(event);
      else if (event.event === 'started') await record.begin();
    };
    const onItem = async (event: RemoteEvent) => {
      if (event.event === 'started') guard.begin();
      if (event.event === 'outputs') guard.return();
      await guard.hear(() => take(event));
    };
    const outputs = job.outputs.map(({ name }) => name);
    const { substitutes: substitute } = session.machine;
    const wish = { derivation, imports, outputs, limits, substitute, compression } as const;
    try {
      const signal = AbortSignal.any([listener.signal, stop.signal]);
      const answer = orStopped(session.call('build', wish, { onItem, signal }), listener.signal, session);
      // Where they are refused, the build says so.
      void session.sending.settle(inputs).then(
        () => guard.arrive(),
        () => guard.arrive(),
      );
      return (await Promise.race([answer, guard.late])).outcome;
    } finally {
      guard.stop();
      // Whatever it was that ended the wait: there, it is to end, too.
      stop.abort();
    }
  }
}

interface RecordedSite extends JobSite {
  readonly record: BuildRecord;
}

interface Way extends RecordedSite {
  readonly imports: readonly number[];
  readonly compression: Compression;
  readonly returning: Returning;
}

/** What is told of a build while it runs, and written down. */
class BuildRecord {
  readonly #startTime = Date.now();
  #logSize = 0;
  readonly #logDir: string;
  readonly #job: Job;
  readonly #session: Session;
  readonly #listener: JobListener;
  #log: LogFile | undefined;

  constructor(logDir: string, job: Job, { session, listener }: { session: Session; listener: JobListener }) {
    this.#logDir = logDir;
    this.#job = job;
    this.#session = session;
    this.#listener = listener;
  }

  /** The builder runs, or has run: it is told once. */
  async begin(): Promise<LogFile> {
    if (this.#log !== undefined) return this.#log;
    this.#log = openLog(this.#logDir, this.#job.derivation, this.#job.log);
    const { process, machine } = this.#session;
    const logFile = Buffer.from(this.#log.path);
    await this.#listener.send({ event: 'started', process, logFile, time: Date.now(), place: machine.name });
    return this.#log;
  }

  async log(data: Uint8Array): Promise<void> {
    const file = await this.begin();
    this.#logSize += data.length;
    await file.write(Buffer.from(data));
    await this.#listener.send({ event: 'log', data });
  }

  get span(): { readonly startTime: number; readonly stopTime: number; readonly logSize: number } {
    return { startTime: this.#startTime, stopTime: Date.now(), logSize: this.#logSize };
  }

  async close(): Promise<void> {
    await this.#log?.close();
  }
}

function tooSmall(limits: readonly string[]): string {
  return `the build has met the limit \`${limits.join("' and `")}' of the machine`;
}

/** What the end of a build there means here. Where the machine is to blame, or may be, another one is to try. */
function ownOutcome(outcome: Outcome, { fixedContents }: Job, { span }: BuildRecord): Outcome {
  switch (outcome.status) {
    case 'failed':
      // What fetches may fail anywhere; what else fails on a full disk does so on that disk.
      if (fixedContents === undefined && outcome.fullFileSystem !== undefined) throw machineFailure('its disk is full');
      if (fixedContents === undefined && outcome.outOfMemory) throw machineFailure('it has run out of memory');
      // That machine is well, but too small: somebody else may have more room.
      if (outcome.metLimits !== undefined) return { status: 'declined', reason: tooSmall(outcome.metLimits) };
      return { status: 'failed', ...span, exitCode: outcome.exitCode, signal: outcome.signal };
    case 'limited':
      return { status: 'limited', ...span, limit: outcome.limit };
    case 'agent-failed':
    case 'not-started':
      throw machineFailure(outcome.message);
    case 'cancelled':
      throw machineFailure('the build was cancelled there');
    case 'declined':
    case 'postponed':
      return { status: 'declined', reason: outcome.reason };
    default:
      return outcome;
  }
}

/** After a cancellation the machine has some time to say that it has ended the build. */
async function orStopped<T>(work: Promise<T>, signal: AbortSignal, session: Session): Promise<T> {
  try {
    return await orAborted(work, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return await within(session.patience, 'end the build', work);
  }
}
