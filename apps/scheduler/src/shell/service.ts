/** Serves the scheduler contract: from calls to events, and back. */
import type { SubstituteEvent, SubstituteInfo, schedulerContract } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Call, Handlers } from '@cooper/ipc';
import type { RequestResult } from '../core/effect.ts';
import type { RequestId } from '../core/goal.ts';
import { messages } from '../core/messages.ts';
import { snapshotOf } from '../core/snapshot.ts';
import { parseTarget } from '../core/target.ts';
import { OpenRequests } from './open-requests.ts';
import type { Runner } from './runner.ts';
import type { Question, QuestionOptions, SubstituteQuestions } from './substitute-questions.ts';

export class SchedulerService {
  readonly #runner: Runner;
  readonly #requests: OpenRequests;
  readonly #questions: SubstituteQuestions;

  constructor(runner: Runner, questions: SubstituteQuestions) {
    this.#runner = runner;
    this.#requests = new OpenRequests(runner);
    this.#questions = questions;
  }

  readonly handlers: Handlers<typeof schedulerContract> = {
    realise: async ({ targets, mode, options }, call) => {
      this.#checkTargets(targets);
      return answer(await this.#requests.make({ targets, mode, options, purpose: 'realise' }, call));
    },
    plan: async ({ targets, options = {} }, { signal }) => {
      this.#checkTargets(targets);
      const wish = { targets, mode: 'normal', options, purpose: 'plan' } as const;
      const [, result] = await this.#requests.make(wish, { send: async () => {}, signal });
      return result.plan;
    },
    ensure: async ({ paths, options }, call) => {
      this.#checkTargets(paths);
      return answer(await this.#requests.make({ targets: paths, mode: 'normal', options, purpose: 'ensure' }, call));
    },
    repair: async ({ paths, options }, call) => {
      this.#checkTargets(paths);
      return answer(await this.#requests.make({ targets: paths, mode: 'repair', options, purpose: 'repair' }, call));
    },
    attach: async ({ request }, call) => answer([request, await this.#requests.follow(request, call)]),
    querySubstitutes: async ({ paths, urls = null }, call) => {
      const onItem = (event: SubstituteEvent) => call.send(event);
      return { infos: await this.#querySubstitutes({ paths, urls }, { onItem, signal: call.signal }) };
    },
    snapshot: () => snapshotOf(this.#runner.engine),
    watch: async ({ interval }, call) => {
      await this.#watch(interval, call);
      return {};
    },
    cancel: ({ request }) => ({ cancelled: this.#requests.cancel(request) }),
  };

  #checkTargets(targets: readonly string[]): void {
    for (const target of targets) parseTarget(this.#runner.engine.settings.storeDir, target);
  }

  /** As goals do: what nobody can be asked about, or nobody may fetch, is not to be had. */
  async #querySubstitutes(question: Question, options: QuestionOptions): Promise<readonly (SubstituteInfo | null)[]> {
    const nothing = question.paths.map(() => null);
    if (!this.#runner.engine.settings.substitutes) return nothing;
    try {
      return await this.#questions.ask(question, options);
    } catch (error) {
      if (!isFault(error) || error.code === 'invalid-url' || error.code === 'cancelled') throw error;
      await options.onItem({ event: 'warning', message: messages.notAsked(error.message) });
      return nothing;
    }
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

/** What a client gets at the end of its request. */
function answer([request, { results, exitStatus, message }]: readonly [RequestId, RequestResult]) {
  return { request, results, exitStatus, ...(message === undefined ? {} : { message }) };
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
