/**
 * The substitute agents that are connected. There may be none, and they may die: then there is nothing to be fetched, and
 * what one was fetching has failed. One that was there is given a while to come back.
 */
import type { Duplex } from 'node:stream';
import { fetchesSmall, type SubstituteInfo, substituteContract } from '@cooper/contracts';
import { type Client, connect } from '@cooper/ipc';

/** How long, in ms, an agent may take from dialling in to its first answer, or from its end to its return. */
const patience = 20_000;

export type SubstituteAgent = Client<typeof substituteContract>;

export class SubstituteAgents {
  /** The newest first: it is asked first. */
  #agents: readonly SubstituteAgent[] = [];
  #expectedUntil = 0;
  #waiting: (() => void)[] = [];
  readonly #offers = new WeakMap<SubstituteInfo, SubstituteAgent>();

  /** Takes in an agent that serves the substitute contract on `stream`, until its channel ends. */
  async add(stream: Duplex): Promise<void> {
    this.#expectedUntil = Date.now() + patience;
    const agent = await connect(substituteContract, stream, { client: 'cooper-scheduler' });
    this.#agents = [agent, ...this.#agents];
    for (const wake of this.#waiting.splice(0)) wake();
    await agent.closed;
    this.forget(agent);
  }

  /** Whoever sees first that it has gone says so: nobody is to ask it again. */
  forget(agent: SubstituteAgent): void {
    this.#agents = this.#agents.filter((other) => other !== agent);
    this.#expectedUntil = Date.now() + patience;
  }

  /** All of them, in the order in which they are asked; none when there is none, and none to be expected. */
  async all(): Promise<readonly SubstituteAgent[]> {
    const time = this.#expectedUntil - Date.now();
    if (this.#agents.length === 0 && time > 0) await this.#arrival(time);
    return this.#agents;
  }

  noteOffer(info: SubstituteInfo, agent: SubstituteAgent): void {
    this.#offers.set(info, agent);
  }

  /** The agent that has offered it, or another one if that has gone. */
  async agentFor(info: SubstituteInfo): Promise<SubstituteAgent | undefined> {
    const agents = await this.all();
    const offerer = this.#offers.get(info);
    return offerer !== undefined && agents.includes(offerer) ? offerer : agents[0];
  }

  /** Whether small archives are fetched many together: all of them by the one agent that there is. */
  get together(): boolean {
    const [agent, ...others] = this.#agents;
    return others.length === 0 && (agent?.features.includes(fetchesSmall) ?? false);
  }

  #arrival(time: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
