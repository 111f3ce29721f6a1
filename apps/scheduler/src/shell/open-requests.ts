/**
 * The requests that are under way, and those who follow them: the client that made one, and others that have attached to
 * it. A request ends when it is done or cancelled; whether anybody still follows it makes no difference here.
 */
import type { SchedulerEvent } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Effect, RequestResult } from '../core/effect.ts';
import type { EventOf } from '../core/event.ts';
import type { RequestId } from '../core/goal.ts';
import { RequestStream } from './request-stream.ts';
import type { Runner } from './runner.ts';

interface OpenRequest {
  readonly streams: Set<RequestStream>;
  readonly result: Promise<RequestResult>;
  readonly finish: (result: RequestResult) => void;
}

/** A call that follows a request: where its events go, and until when. */
export interface Follower {
  readonly send: (event: SchedulerEvent) => Promise<void>;
  readonly signal: AbortSignal;
}

export type Wish = Omit<EventOf<'realise'>, 'now' | 'type' | 'request'>;

export class OpenRequests {
  readonly #runner: Runner;
  readonly #open = new Map<RequestId, OpenRequest>();
  #lastRequest = 0;

  constructor(runner: Runner) {
    this.#runner = runner;
    runner.addPerformer((effect) => this.#perform(effect));
  }

  /**
   * Makes a request and follows it to its end. It is cancelled when its client goes away, unless it is detached. Throws
   * the fault `cancelled` when the client does not want it any more.
   */
  async make(wish: Wish, follower: Follower): Promise<readonly [RequestId, RequestResult]> {
    const request = ++this.#lastRequest;
    const { promise: result, resolve: finish } = Promise.withResolvers<RequestResult>();
    this.#open.set(request, { streams: new Set(), result, finish });
    const following = this.follow(request, follower);
    const cancel = () => this.#runner.report({ type: 'cancel', request });
    if (!wish.options.detached) follower.signal.addEventListener('abort', cancel, { once: true });
    this.#runner.report({ type: 'realise', request, ...wish });
    try {
      return [request, await following];
    } finally {
      follower.signal.removeEventListener('abort', cancel);
    }
  }

  /** Follows a request from now on to its end. Throws the faults `unknown-request` and `cancelled`. */
  async follow(request: RequestId, { send, signal }: Follower): Promise<RequestResult> {
    const open = this.#open.get(request);
    if (open === undefined) throw new Fault('unknown-request', `there is no request ${request}`, { request });
    const stream = new RequestStream(send);
    open.streams.add(stream);
    const left = Promise.withResolvers<undefined>();
    const leave = () => left.resolve(undefined);
    signal.addEventListener('abort', leave, { once: true });
    const result = await Promise.race([open.result, left.promise]);
    signal.removeEventListener('abort', leave);
    open.streams.delete(stream);
    if (result === undefined || signal.aborted) {
      throw new Fault('cancelled', 'the request was cancelled', { request });
    }
    await stream.drained();
    return result;
  }

  /** Cancels a request. False when there is none of this number. */
  cancel(request: RequestId): boolean {
    if (!this.#open.has(request)) return false;
    this.#runner.report({ type: 'cancel', request });
    return true;
  }

  #perform(effect: Effect): void {
    if (effect.type === 'emit') this.#emit(effect.requests, effect.event);
    if (effect.type === 'finish') this.#finish(effect.request, effect.result);
  }

  #emit(requests: readonly RequestId[], event: SchedulerEvent): void {
    for (const request of requests) for (const stream of this.#open.get(request)?.streams ?? []) stream.push(event);
  }

  #finish(request: RequestId, result: RequestResult): void {
    this.#open.get(request)?.finish(result);
    this.#open.delete(request);
  }
}
