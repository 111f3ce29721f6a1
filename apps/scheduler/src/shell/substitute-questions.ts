/** What substitute agents are asked: in parts that fit a message, again where one dies, and another one of what it lacks. */
import type { SubstituteEvent, SubstituteInfo } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import type { SubstituteAgent, SubstituteAgents } from './substitute-agents.ts';

/** How many paths are asked about at once: a reply of this many stays far below the size of a frame. */
const batch = 500;

/** How long, in ms, an agent may take over a question, and be silent about it. It has its own limits, far below these. */
const mostTime = { silence: 5 * 60_000, question: 15 * 60_000 } as const;

/** What is asked, and where. */
export interface Question {
  readonly paths: readonly StorePath[];
  /** Nil: in the agent's own caches. */
  readonly urls: readonly string[] | null;
}

export interface QuestionOptions {
  /** Called with what an agent tells on its way. */
  readonly onItem: (event: SubstituteEvent) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

type Infos = readonly (SubstituteInfo | null)[];

export class SubstituteQuestions {
  readonly #agents: SubstituteAgents;
  readonly #limits: Readonly<Record<keyof typeof mostTime, number>>;

  constructor(agents: SubstituteAgents, limits: Readonly<Record<keyof typeof mostTime, number>> = mostTime) {
    this.#agents = agents;
    this.#limits = limits;
  }

  /**
   * What there is of these paths; nil for what there is not. In the order asked. Throws the faults that an agent answers,
   * and `no-substitute-agent`.
   */
  async ask({ paths, urls }: Question, options: QuestionOptions): Promise<Infos> {
    const parts: Promise<Infos>[] = [];
    for (let from = 0; from < paths.length; from += batch) {
      parts.push(this.#askPart({ paths: paths.slice(from, from + batch), urls }, options));
    }
    return (await Promise.all(parts)).flat();
  }

  /** When an agent dies on a question, it is asked again, once. A reply that does not fit a frame is asked for in halves. */
  async #askPart(question: Question, options: QuestionOptions): Promise<Infos> {
    try {
      return await this.#askAll(question, options);
    } catch (error) {
      if (isFault(error, 'channel-closed')) return this.#askAll(question, options);
      const { paths, urls } = question;
      if (!isFault(error, 'message-too-long') || paths.length === 1) throw error;
      const middle = paths.length >> 1;
      const halves = [paths.slice(0, middle), paths.slice(middle)];
      return (await Promise.all(halves.map((half) => this.#askPart({ paths: half, urls }, options)))).flat();
    }
  }

  /** One agent after the other, about what those before it do not have. */
  async #askAll({ paths, urls }: Question, options: QuestionOptions): Promise<Infos> {
    const agents = await this.#agents.all();
    if (agents.length === 0) throw new Fault('no-substitute-agent', 'no substitute agent is connected', {});
    const found = new Map<StorePath, SubstituteInfo>();
    for (const agent of agents) {
      const wanted = paths.filter((path) => !found.has(path));
      if (wanted.length === 0) break;
      for (const info of await this.#askOne(agent, { paths: wanted, urls }, options)) {
        if (info !== null) found.set(info.path, info);
      }
    }
    return paths.map((path) => found.get(path) ?? null);
  }

  /** An agent that says nothing for too long, or has no end of things to say, is cut off, and counts as dead. */
  async #askOne(agent: SubstituteAgent, { paths, urls }: Question, options: QuestionOptions): Promise<Infos> {
    const params = { paths: [...paths], ...(urls === null ? {} : { urls: [...urls] }) };
    const silence = setTimeout(() => agent.close(), this.#limits.silence);
    const end = setTimeout(() => agent.close(), this.#limits.question);
    const hear = (event: SubstituteEvent) => {
      silence.refresh();
      return options.onItem(event);
    };
    try {
      const { infos } = await agent.call('query', params, { ...options, onItem: hear });
      for (const info of infos) if (info !== null) this.#agents.noteOffer(info, agent);
      return infos;
    } catch (error) {
      if (isFault(error, 'channel-closed')) this.#agents.forget(agent);
      throw error;
    } finally {
      clearTimeout(silence);
      clearTimeout(end);
    }
  }
}
