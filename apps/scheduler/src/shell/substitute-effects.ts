/** Carries out the effects that concern substitutes: the agent fetches, the store takes in, and neither goes on alone. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SubstituteEvent, storeContract, Ticket } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import type { Effect } from '../core/effect.ts';
import type { FetchEnd } from '../core/event.ts';
import type { GoalId } from '../core/goal.ts';
import { messages } from '../core/messages.ts';
import { type AgentEnd, failure, isOfTheBytes } from './fetch-failure.ts';
import type { Runner } from './runner.ts';
import { SmallFetches } from './small-fetches.ts';
import type { SubstituteAgent, SubstituteAgents } from './substitute-agents.ts';
import type { SubstituteQuestions } from './substitute-questions.ts';

/** How long, in ms, the agent may take to answer when the store has got everything, or when nobody waits any more. */
const patience = 5000;

/** How many caches may each send something else than what was signed. */
const mostAttempts = 5;

type Store = Client<typeof storeContract>;
interface SubstituteParts {
  readonly store: Store;
  readonly agents: SubstituteAgents;
  readonly questions: SubstituteQuestions;
}

type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>;

export class SubstituteEffects {
  readonly #runner: Runner;
  readonly #store: Store;
  readonly #agents: SubstituteAgents;
  readonly #fetches = new Map<GoalId, AbortController>();
  readonly #small: SmallFetches;
  readonly #questions: SubstituteQuestions;

  constructor(runner: Runner, { store, agents, questions }: SubstituteParts) {
    this.#runner = runner;
    this.#store = store;
    this.#agents = agents;
    this.#questions = questions;
    this.#small = new SmallFetches(runner, store, agents);
    runner.addPerformer((effect) => this.#perform(effect));
  }

  #perform(effect: Effect): void {
    if (effect.type === 'query-substitutes') void this.#query(effect);
    else if (effect.type === 'fetch' && effect.small) this.#small.add(effect);
    else if (effect.type === 'fetch') void this.#fetch(effect);
    else if (effect.type === 'cancel-fetch') {
      this.#fetches.get(effect.goal)?.abort();
      this.#small.cancel(effect.goal);
    }
  }

  /** What cannot be asked is not to be had; those who wait are told why. */
  async #query({ query, paths, urls }: EffectOf<'query-substitutes'>): Promise<void> {
    const warn = (message: string) => this.#runner.report({ type: 'query-warning', query, message });
    const onItem = (event: SubstituteEvent) => {
      if (event.event === 'warning') warn(event.message);
    };
    try {
      const infos = await this.#questions.ask({ paths, urls }, { onItem });
      const { together } = this.#agents;
      await this.#runner.reportInTurn({ type: 'substitutes-found', query, asked: paths, infos, together });
    } catch (error) {
      if (!isFault(error)) throw error;
      // That nobody was ever there to be asked is how somebody wanted it.
      if (error.code !== 'no-substitute-agent') warn(messages.notAsked(error.message));
      const infos = paths.map(() => null);
      await this.#runner.reportInTurn({ type: 'substitutes-found', query, asked: paths, infos });
    }
  }

  async #fetch(effect: EffectOf<'fetch'>): Promise<void> {
    const controller = new AbortController();
    this.#fetches.set(effect.goal, controller);
    let end = await this.#carryOut(effect, controller.signal);
    for (let more = mostAttempts - 1; more > 0 && end.status === 'failed' && end.elsewhere; more--) {
      end = await this.#carryOut(effect, controller.signal);
    }
    this.#fetches.delete(effect.goal);
    this.#runner.report({ type: 'fetch-ended', goal: effect.goal, end });
  }

  async #carryOut(effect: EffectOf<'fetch'>, cancelled: AbortSignal): Promise<FetchEnd> {
    const agent = await this.#agents.agentFor(effect.info);
    if (agent === undefined)
      return { status: 'failed', code: 'agent-lost', message: 'no substitute agent is connected' };
    const stop = new AbortController();
    const signal = AbortSignal.any([cancelled, stop.signal]);
    let agentEnd: Promise<AgentEnd> | undefined;
    const onItem = (ticket: Ticket) => {
      agentEnd ??= this.#deliver(agent, effect, { ticket, signal });
      // Without the agent nothing more comes: the store need not wait for it.
      void agentEnd.then(({ status }) => status === 'fetched' || status === 'refused' || stop.abort());
    };
    const { path, narinfo } = effect.info;
    try {
      const mode = effect.repair ? 'repair' : 'normal';
      const { info } = await this.#store.call('importSubstitute', { path, narinfo, mode }, { onItem, signal });
      await settled(agentEnd);
      return { status: 'registered', info };
    } catch (error) {
      if (!isFault(error)) throw error;
      // Whose bytes they were, and whether there are others, only the agent knows.
      if (isOfTheBytes(error)) await settled(agentEnd);
      stop.abort();
      const end = await agentEnd;
      return cancelled.aborted ? { status: 'cancelled' } : failure(end, error);
    }
  }

  /** The agent's part: never throws what the agent does. */
  async #deliver(
    agent: SubstituteAgent,
    { goal, info, urls }: EffectOf<'fetch'>,
    { ticket, signal }: { readonly ticket: Ticket; readonly signal: AbortSignal },
  ): Promise<AgentEnd> {
    const { path, narinfo, url } = info;
    const params = { path, narinfo, url, ticket, ...(urls === null ? {} : { urls: [...urls] }) };
    const onItem = (event: SubstituteEvent) => this.#runner.report({ type: 'fetch-event', goal, event });
    try {
      const call = agent.call('fetch', params, { onItem, signal });
      return await Promise.race([call.then(({ outcome }) => outcome), deafness(signal)]);
    } catch (error) {
      if (!isFault(error)) throw error;
      return signal.aborted ? { status: 'cancelled' } : { status: 'lost', message: error.message };
    }
  }
}

/** Resolves when an agent that was told to stop could have done so: it has no ticket that is worth anything any more. */
function deafness(signal: AbortSignal): Promise<AgentEnd> {
  return new Promise((resolve) => {
    const wait = () => setTimeout(() => resolve({ status: 'cancelled' }), patience).unref();
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
}

/** The agent has more to tell, which comes before the end. What the store has is not lost if it does not end. */
async function settled(agentEnd: Promise<AgentEnd> | undefined): Promise<void> {
  if (agentEnd === undefined) return;
  const late = new AbortController();
  await Promise.race([agentEnd, delay(patience, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
}
