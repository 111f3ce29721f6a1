/** The build agents that are connected, and the jobs that they have. Agents come and go; each channel is one agent. */
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type BuildEvent, buildAgentContract } from '@cooper/contracts';
import { type Fault, isFault } from '@cooper/fault';
import { type Client, connect } from '@cooper/ipc';
import type { Effect } from '../core/effect.ts';
import type { AgentId, GoalId } from '../core/goal.ts';
import { BuildWatch } from './build-watch.ts';
import type { Runner } from './runner.ts';

/** How long, in ms, an agent may take to say who it is before others are not kept waiting. */
const patience = 5000;

interface ConnectedAgent {
  readonly id: AgentId;
  readonly name: string;
  readonly client: Client<typeof buildAgentContract>;
}

export class Agents {
  readonly #runner: Runner;
  readonly #agents = new Map<AgentId, ConnectedAgent>();
  readonly #offers = new Map<GoalId, AbortController>();
  readonly #greeting = new Set<Promise<unknown>>();
  #lastId = 0;

  constructor(runner: Runner) {
    this.#runner = runner;
    runner.addPerformer((effect) => this.#perform(effect));
  }

  /** Takes in an agent that serves the build-agent contract on `stream`, until its channel ends. */
  async add(stream: Duplex): Promise<void> {
    const client = await this.#greet(stream);
    const agent = { id: ++this.#lastId, name: client.server, client };
    this.#agents.set(agent.id, agent);
    this.#tell();
    await client.closed;
    this.#agents.delete(agent.id);
    this.#tell();
  }

  /**
   * Who has dialled in first is known first: a job for other machines is not to be done by this one because its agent was
   * quicker to say who it is.
   */
  async #greet(stream: Duplex): Promise<Client<typeof buildAgentContract>> {
    const before = Promise.allSettled(this.#greeting);
    const greeting = connect(buildAgentContract, stream, { client: 'cooper-scheduler' });
    this.#greeting.add(greeting);
    try {
      const client = await greeting;
      await Promise.race([before, delay(patience, undefined, { ref: false })]);
      return client;
    } finally {
      this.#greeting.delete(greeting);
    }
  }

  #tell(): void {
    const agents = Array.from(this.#agents.values(), ({ id, name, client }) => {
      return { id, name, isLocal: client.features.includes('local') };
    });
    // This machine is asked when the others will not, or cannot.
    const ordered = agents.toSorted((a, b) => Number(a.isLocal) - Number(b.isLocal));
    this.#runner.report({ type: 'agents-changed', agents: ordered });
  }

  #perform(effect: Effect): void {
    if (effect.type === 'offer') void this.#offer(effect);
    else if (effect.type === 'settle-build') void this.#settle(effect);
    else if (effect.type === 'cancel-offer') this.#offers.get(effect.goal)?.abort();
  }

  async #offer({ goal, agent: id, job }: Extract<Effect, { type: 'offer' }>): Promise<void> {
    const controller = new AbortController();
    this.#offers.set(goal, controller);
    const report = await this.#carryOut(goal, id, { job }, controller.signal);
    this.#offers.delete(goal);
    this.#runner.report(report);
  }

  async #settle({ goal, agent, held, failed }: Extract<Effect, { type: 'settle-build' }>): Promise<void> {
    const keptDirectory = await this.#askToSettle(agent, { held, failed });
    this.#runner.report({ type: 'settled', goal, keptDirectory });
  }

  /** An agent that has gone has kept nothing. */
  async #askToSettle(id: AgentId, params: { held: number; failed: boolean }): Promise<Uint8Array | null> {
    try {
      const answer = await this.#agents.get(id)?.client.call('settle', params);
      return answer?.keptDirectory ?? null;
    } catch (error) {
      if (!isFault(error)) throw error;
      return null;
    }
  }

  async #carryOut(
    goal: GoalId,
    id: AgentId,
    params: { job: Extract<Effect, { type: 'offer' }>['job'] },
    signal: AbortSignal,
  ) {
    const agent = this.#agents.get(id);
    if (agent === undefined) return { type: 'agent-lost', goal, message: 'it is no longer connected' } as const;
    const watch = new BuildWatch(params.job.limits, () => agent.client.close());
    signal.addEventListener('abort', () => watch.cancel(), { once: true });
    const onItem = (event: BuildEvent) => {
      watch.hear(event);
      this.#runner.report({ type: 'build-event', goal, event });
    };
    try {
      const { outcome } = await agent.client.call('offer', params, { onItem, signal });
      return { type: 'offer-ended', goal, outcome } as const;
    } catch (error) {
      if (signal.aborted) return { type: 'offer-ended', goal, outcome: { status: 'cancelled' } } as const;
      if (!isFault(error)) throw error;
      return { type: isLoss(error) ? 'agent-lost' : 'agent-refused', goal, message: error.message } as const;
    } finally {
      watch.close();
    }
  }
}

/** Whether there is nobody at the other end any more, or nobody who speaks the contract. */
function isLoss({ code }: Fault): boolean {
  return ['channel-closed', 'malformed-message', 'invalid-response'].includes(code);
}
