/**
 * Small items, fetched many together: all that the engine wants at one moment is one call of the agent, and what has come
 * while the store was busy with others is one call of the store. Each of them ends by itself.
 */
import type { SmallFetchItem, storeContract } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { Effect } from '../core/effect.ts';
import type { FetchEnd } from '../core/event.ts';
import type { GoalId } from '../core/goal.ts';
import { agentFailure } from './fetch-failure.ts';
import type { Runner } from './runner.ts';
import { SmallIntake } from './small-intake.ts';
import type { SubstituteAgents } from './substitute-agents.ts';

type FetchEffect = Extract<Effect, { type: 'fetch' }>;

/** How many are asked for in one call. */
const most = 100;

/** Those of one call that have not ended. When none is left, nobody waits for its answer. */
interface Batch {
  readonly waiting: Map<StorePath, FetchEffect>;
  readonly controller: AbortController;
}

export class SmallFetches {
  readonly #runner: Runner;
  readonly #agents: SubstituteAgents;
  readonly #intake: SmallIntake;
  #wanted: FetchEffect[] = [];
  readonly #batches = new Set<Batch>();

  constructor(runner: Runner, store: Client<typeof storeContract>, agents: SubstituteAgents) {
    this.#runner = runner;
    this.#agents = agents;
    this.#intake = new SmallIntake(store, (goal, end) => this.#report(goal, end));
  }

  add(effect: FetchEffect): void {
    if (this.#wanted.push(effect) === 1) setImmediate(() => this.#begin());
  }

  /** Lets go of a goal, unless the store has got its item: that does not take long. */
  cancel(goal: GoalId): void {
    const wanted = this.#wanted.find((effect) => effect.goal === goal);
    this.#wanted = this.#wanted.filter((effect) => effect !== wanted);
    if (wanted !== undefined) setImmediate(() => this.#report(goal, { status: 'cancelled' }));
    for (const batch of this.#batches) {
      for (const effect of batch.waiting.values()) {
        if (effect.goal === goal) setImmediate(() => this.#end(batch, effect, { status: 'cancelled' }));
      }
    }
  }

  #begin(): void {
    const wanted = this.#wanted;
    this.#wanted = [];
    for (const alike of Map.groupBy(wanted, ({ urls }) => JSON.stringify(urls)).values()) {
      for (let from = 0; from < alike.length; from += most) void this.#fetch(alike.slice(from, from + most));
    }
  }

  async #fetch(effects: readonly FetchEffect[]): Promise<void> {
    const waiting = new Map(effects.map((effect) => [effect.info.path, effect]));
    const batch = { waiting, controller: new AbortController() };
    this.#batches.add(batch);
    const message = (await this.#ask(batch, effects)) ?? 'the agent says nothing of it';
    for (const effect of waiting.values()) this.#end(batch, effect, agentFailure({ status: 'lost', message }));
    this.#batches.delete(batch);
  }

  /** Has the agent fetch all of them. Never throws what the agent does, but gives what it complains of. */
  async #ask(batch: Batch, effects: readonly FetchEffect[]): Promise<string | undefined> {
    const [agent] = await this.#agents.all();
    if (agent === undefined) return 'no substitute agent is connected';
    const wishes = effects.map(({ info: { path, narinfo, url } }) => ({ path, narinfo, url }));
    const urls = effects[0]?.urls ?? null;
    const params = { wishes, ...(urls === null ? {} : { urls: [...urls] }) };
    const onItem = (item: SmallFetchItem) => this.#take(batch, item);
    try {
      await agent.call('fetchSmall', params, { onItem, signal: batch.controller.signal });
      return undefined;
    } catch (error) {
      if (!isFault(error)) throw error;
      return error.message;
    }
  }

  #take(batch: Batch, item: SmallFetchItem): void {
    const effect = batch.waiting.get(item.path);
    if (effect === undefined) return;
    const { goal, info } = effect;
    if (item.tells === 'event') this.#runner.report({ type: 'fetch-event', goal, event: item.event });
    else if (item.outcome.status === 'fetched') {
      batch.waiting.delete(item.path);
      this.#intake.add({ goal, path: info.path, narinfo: info.narinfo, archive: item.archive });
    } else if (item.outcome.status !== 'refused') this.#end(batch, effect, agentFailure(item.outcome));
  }

  #end({ waiting, controller }: Batch, { goal, info }: FetchEffect, end: FetchEnd): void {
    if (!waiting.delete(info.path)) return;
    this.#report(goal, end);
    if (waiting.size === 0) controller.abort();
  }

  #report(goal: GoalId, end: FetchEnd): void {
    this.#runner.report({ type: 'fetch-ended', goal, end });
  }
}
