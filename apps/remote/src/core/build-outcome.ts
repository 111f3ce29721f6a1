/** What the scheduler of this machine says of a build, in the words of the near side. */
import type { Outcome, RemoteEvent, SchedulerEvent, TargetResult } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';

type Failure = Extract<SchedulerEvent, { event: 'build-failed' }>;

/** One build, as the events of its request tell it. */
export class BuildAccount {
  readonly #derivation: StorePath;
  readonly #begun: number;
  #startTime: number | undefined;
  #logSize = 0;
  #failure: Failure | undefined;

  /** `begun`: when it was asked for, in ms since 1970. */
  constructor(derivation: StorePath, begun: number) {
    this.#derivation = derivation;
    this.#begun = begun;
  }

  /** What the near side is to hear of an event, if it is to hear of it. Other derivations' builds are not its business. */
  take(event: SchedulerEvent): RemoteEvent | undefined {
    if (event.event === 'message') return remark(event.text);
    if (!('derivation' in event) || event.derivation !== this.#derivation) return undefined;
    switch (event.event) {
      case 'build-started':
        this.#startTime = event.time;
        return { event: 'started', process: event.process, logFile: new Uint8Array(), time: event.time };
      case 'build-log':
        this.#logSize += event.data.length;
        return { event: 'log', data: event.data };
      case 'agent-remark':
        return { event: 'remark', data: event.data };
      case 'build-failed':
        this.#failure = event;
        return undefined;
      default:
        return undefined;
    }
  }

  /** How it ended, for the near side, where the scheduler says `result`. */
  outcome({ status, message = '' }: TargetResult, now: number): Outcome {
    const ended = { startTime: this.#startTime ?? this.#begun, stopTime: now, logSize: this.#logSize };
    const failure = this.#failure;
    switch (status) {
      case 'built':
      case 'substituted':
      case 'already-valid':
        return { status: 'succeeded', ...ended };
      case 'cancelled':
        return { status: 'cancelled' };
      case 'output-rejected':
      case 'not-deterministic':
      case 'cached-failure':
      case 'input-rejected':
        // What the near side's own store and rules have to say is for them to say.
        return { status: 'declined', reason: message };
      default:
    }
    if (failure?.limit !== undefined) return { status: 'limited', ...ended, limit: failure.limit };
    if (failure === undefined || !isOfBuilder(failure))
      return { status: 'agent-failed', ...ended, ...unknownEnd, message };
    return {
      status: 'failed',
      ...ended,
      exitCode: failure.exitCode ?? (failure.signal === undefined ? 1 : null),
      signal: failure.signal ?? null,
      ...(failure.fullFileSystem === undefined ? {} : { fullFileSystem: failure.fullFileSystem }),
      ...(failure.outOfMemory === undefined ? {} : { outOfMemory: failure.outOfMemory }),
      ...(failure.metLimits === undefined ? {} : { metLimits: failure.metLimits }),
    };
  }
}

const unknownEnd = { exitCode: 1, signal: null };

/** Whether it was the builder that failed, or could not be started; and not something on the way to it. */
function isOfBuilder({ status, exitCode, signal }: Failure): boolean {
  return status === 'permanent-failure' || exitCode !== undefined || signal !== undefined;
}

function remark(text: string): RemoteEvent {
  return { event: 'remark', data: Buffer.from(`${text}\n`) };
}
