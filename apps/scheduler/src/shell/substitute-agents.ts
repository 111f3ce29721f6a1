/**
 * The substitute agent that is connected, and what it is asked. It may be absent, and it may die: then there is nothing
 * to be fetched, and what it was fetching has failed. One that was there is given a while to come back.
 */
import type { Duplex } from 'node:stream';
import { fetchesSmall, type SubstituteEvent, type SubstituteInfo, substituteContract } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import { type Client, connect } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';

/** How long, in ms, an agent may take from dialling in to its first answer, or from its end to its return. */
const patience = 20_000;

/** How many paths are asked about at once: a reply of this many stays far below the size of a frame. */
const batch = 500;

/** What is asked, and where. */
export interface Question {
  readonly paths: readonly StorePath[];
  /** Nil: in the agent's own caches. */
  readonly urls: readonly string[] | null;
}

export interface QuestionOptions {
  /** Called with what the agent tells on its way. */
  readonly onItem?: (event: SubstituteEvent) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export type SubstituteAgent = Client<typeof substituteContract>;

export class SubstituteAgents {
  #agents: readonly SubstituteAgent[] = [];
  #expectedUntil = 0;
  #waiting: (() => void)[] = [];

  /** Takes in an agent that serves the substitute contract on `stream`, until its channel ends. */
  async add(stream: Duplex): Promise<void> {
    this.#expectedUntil = Date.now() + patience;
    const agent = await connect(substituteContract, stream, { client: 'cooper-scheduler' });
    this.#agents = [...this.#agents, agent];
    for (const wake of this.#waiting.splice(0)) wake();
    await agent.closed;
    this.#forget(agent);
  }

  /** Whoever sees first that it has gone says so: nobody is to ask it again. */
  #forget(agent: SubstituteAgent): void {
    this.#agents = this.#agents.filter((other) => other !== agent);
    this.#expectedUntil = Date.now() + patience;
  }

  /** The agent; nothing when there is none, and none to be expected. */
  async agent(): Promise<SubstituteAgent | undefined> {
    const time = this.#expectedUntil - Date.now();
    if (this.#agents.length === 0 && time > 0) await this.#arrival(time);
    return this.#agents.at(-1);
  }

  /** Whether the agent fetches small archives many together. */
  get together(): boolean {
    return this.#agents.at(-1)?.features.includes(fetchesSmall) ?? false;
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

  /**
   * What there is of these paths; nil for what there is not. In the order asked. Throws the faults that the agent
   * answers, and `no-substitute-agent`.
   */
  async query({ paths, urls }: Question, options: QuestionOptions = {}): Promise<readonly (SubstituteInfo | null)[]> {
    const parts: Promise<readonly (SubstituteInfo | null)[]>[] = [];
    for (let from = 0; from < paths.length; from += batch) {
      parts.push(this.#ask({ paths: paths.slice(from, from + batch), urls }, options));
    }
    return (await Promise.all(parts)).flat();
  }

  /** An agent that dies on a question is asked it again, once. A reply that does not fit a frame is asked for in halves. */
  async #ask(question: Question, options: QuestionOptions): Promise<readonly (SubstituteInfo | null)[]> {
    try {
      return await this.#askOnce(question, options);
    } catch (error) {
      if (isFault(error, 'channel-closed')) return this.#askOnce(question, options);
      const { paths, urls } = question;
      if (!isFault(error, 'message-too-long') || paths.length === 1) throw error;
      const middle = paths.length >> 1;
      const halves = [paths.slice(0, middle), paths.slice(middle)];
      return (await Promise.all(halves.map((half) => this.#ask({ paths: half, urls }, options)))).flat();
    }
  }

  async #askOnce({ paths, urls }: Question, options: QuestionOptions): Promise<readonly (SubstituteInfo | null)[]> {
    const agent = await this.agent();
    if (agent === undefined) throw new Fault('no-substitute-agent', 'no substitute agent is connected', {});
    const params = { paths: [...paths], ...(urls === null ? {} : { urls: [...urls] }) };
    try {
      return (await agent.call('query', params, options)).infos;
    } catch (error) {
      if (isFault(error, 'channel-closed')) this.#forget(agent);
      throw error;
    }
  }
}
