/** Serves the scheduler contract: from calls to events, and back. */
import type { SchedulerEvent, schedulerContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Call, Handlers } from '@cooper/ipc';
import type { Effect, RequestResult } from '../core/effect.ts';
import type { EventOf } from '../core/event.ts';
import type { RequestId } from '../core/goal.ts';
import { snapshotOf } from '../core/snapshot.ts';
import { parseTarget } from '../core/target.ts';
import { RequestStream } from './request-stream.ts';
import type { Runner } from './runner.ts';

interface OpenRequest {
  readonly stream: RequestStream;
  readonly finish: (result: RequestResult) => void;
}

type Wish = Omit<EventOf<'realise'>, 'now' | 'type' | 'request'>;

const unfinished = (): never => {
  throw new Fault('not-implemented', 'this call is on its way');
};

export class SchedulerService {
  readonly #runner: Runner;
  readonly #open = new Map<RequestId, OpenRequest>();
  #lastRequest = 0;

  constructor(runner: Runner) {
    this.#runner = runner;
    runner.addPerformer((effect) => this.#perform(effect));
  }

  readonly handlers: Handlers<typeof schedulerContract> = {
    realise: async ({ targets, mode, options }, call) => {
      const stream = new RequestStream((event) => call.send(event));
      const [request, result] = await this.#request({ targets, mode, options, dryRun: false }, call, stream);
      await stream.drained();
      const { results, exitStatus, message } = result;
      return { request, results, exitStatus, ...(message === undefined ? {} : { message }) };
    },
    plan: async ({ targets }, call) => {
      const stream = new RequestStream(async () => {});
      const [, result] = await this.#request({ targets, mode: 'normal', options: {}, dryRun: true }, call, stream);
      return { ...result.plan, substitute: [] };
    },
    ensure: unfinished,
    repair: unfinished,
    attach: unfinished,
    querySubstitutes: unfinished,
    snapshot: () => snapshotOf(this.#runner.engine),
    watch: async ({ interval }, call) => {
      await this.#watch(interval, call);
      return {};
    },
    cancel: ({ request }) => {
      const cancelled = this.#open.has(request);
      if (cancelled) this.#runner.report({ type: 'cancel', request });
      return { cancelled };
    },
  };

  async #request(
    wish: Wish,
    call: { readonly signal: AbortSignal },
    stream: RequestStream,
  ): Promise<[RequestId, RequestResult]> {
    for (const target of wish.targets) parseTarget(this.#runner.engine.settings.storeDir, target);
    const request = ++this.#lastRequest;
    const finished = new Promise<RequestResult>((finish) => this.#open.set(request, { stream, finish }));
    const cancel = () => this.#runner.report({ type: 'cancel', request });
    call.signal.addEventListener('abort', cancel, { once: true });
    this.#runner.report({ type: 'realise', request, ...wish });
    const result = await finished;
    call.signal.removeEventListener('abort', cancel);
    if (call.signal.aborted) throw new Fault('cancelled', 'the request was cancelled', { request });
    return [request, result];
  }

  #perform(effect: Effect): void {
    if (effect.type === 'emit') this.#emit(effect.requests, effect.event);
    if (effect.type === 'finish') this.#finish(effect.request, effect.result);
  }

  #emit(requests: readonly RequestId[], event: SchedulerEvent): void {
    for (const request of requests) this.#open.get(request)?.stream.push(event);
  }

  #finish(request: RequestId, result: RequestResult): void {
    this.#open.get(request)?.finish(result);
    this.#open.delete(request);
  }

  /** Sends a snapshot at once, then after every change, but never two within `interval`. */
  async #watch(interval: number, call: Call<typeof schedulerContract, 'watch'>): Promise<void> {
    const changes = new Changes();
    const stop = this.#runner.watch(() => changes.note());
    call.signal.addEventListener('abort', () => changes.note(), { once: true });
    try {
      while (!call.signal.aborted) {
        await call.send(snapshotOf(this.#runner.engine));
        await new Promise((resolve) => setTimeout(resolve, interval));
        await changes.next();
      }
    } finally {
      stop();
    }
  }
}

/** Lets one waiter know that something has changed since it last asked. */
class Changes {
  #changed = false;
  #wake: (() => void) | undefined;

  note(): void {
    this.#changed = true;
    this.#wake?.();
  }

  async next(): Promise<void> {
    if (!this.#changed) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#changed = false;
  }
}
