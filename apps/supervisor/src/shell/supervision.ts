/**
 * Keeps the process table running. An agent that dies is started again, alone. When a process dies that others rely on,
 * all are stopped and started afresh: what they were doing is lost, clients see their channels close, and the store
 * tidies up when it starts.
 */
import type { ProcessEntry } from '@cooper/config';
import type { Log } from '@cooper/log';
import { exitCodes } from '@cooper/process';
import { afterDeath, type Decision, noDeaths, type Restart } from '../core/restart.ts';
import { type Child, type ChildSettings, startChild } from './child.ts';

export interface SupervisionSettings {
  readonly table: readonly ProcessEntry[];
  readonly log: Log;
  /** Whether the table has to run whenever it can. Else somebody waits, and is told when it cannot. */
  readonly persistent: boolean;
  /** How a process of the table is started. */
  readonly childSettings: (entry: ProcessEntry) => ChildSettings;
  /** Called with an exit code when there is no point in going on. */
  readonly onHopeless: (code: number) => void;
}

export class Supervision {
  readonly #settings: SupervisionSettings;
  #children: Child[] = [];
  #stopping = false;
  /** Counts starts of the whole table: what a child of an earlier one does concerns nobody. */
  #generation = 0;
  readonly #restarts = new Map<string, Restart>();

  constructor(settings: SupervisionSettings) {
    this.#settings = settings;
  }

  /** Starts every process, in the order of the table. */
  async start(): Promise<void> {
    const generation = ++this.#generation;
    for (const entry of this.#settings.table) await this.#startOne(entry, generation);
  }

  /** Stops every process, the last one first. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#stopAll();
  }

  async #startOne(entry: ProcessEntry, generation: number): Promise<void> {
    if (this.#isPast(generation)) return;
    const child = await startChild(entry, this.#settings.childSettings(entry));
    // Everything may have been stopped while it was started.
    if (this.#isPast(generation)) return child.stop();
    this.#children.push(child);
    void child.ended.then((how) => this.#ended(child, how, generation));
  }

  #isPast(generation: number): boolean {
    return this.#stopping || generation !== this.#generation;
  }

  async #ended(child: Child, how: string, generation: number): Promise<void> {
    const { log, persistent } = this.#settings;
    const { name, death } = child.entry;
    this.#children = this.#children.filter((other) => other !== child);
    if (this.#isPast(generation)) return;
    const lifetime = Date.now() - child.started;
    const decision = afterDeath(this.#restarts.get(name) ?? noDeaths, { how, lifetime }, persistent);
    this.#restarts.set(name, decision.restart);
    log.error(`cooper-${name} has ended (${how}); ${intention(decision, death)}`, { pid: child.pid });
    if ('giveUp' in decision) this.#giveUp(child.entry, how);
    else if (death === 'fatal') await this.#startAfresh(decision.delay);
    else await this.#startAgain(child.entry, decision.delay);
  }

  /** Without a process that others rely on nothing goes; without an agent, other agents may be there. */
  #giveUp({ death }: ProcessEntry, how: string): void {
    if (death === 'restart') return;
    const code = how === `exit code ${exitCodes.usage}` ? exitCodes.usage : exitCodes.fault;
    this.#settings.onHopeless(how === `exit code ${exitCodes.configuration}` ? exitCodes.configuration : code);
  }

  async #startAfresh(delay: number): Promise<void> {
    this.#generation++;
    await this.#stopAll();
    await wait(delay);
    await this.start();
  }

  async #startAgain(entry: ProcessEntry, delay: number): Promise<void> {
    const generation = this.#generation;
    await wait(delay);
    await this.#startOne(entry, generation);
  }

  async #stopAll(): Promise<void> {
    const children = this.#children.reverse();
    this.#children = [];
    for (const child of children) await child.stop();
  }
}

function intention(decision: Decision, death: ProcessEntry['death']): string {
  if ('giveUp' in decision) return decision.giveUp;
  return `starting ${death === 'fatal' ? 'everything' : 'it'} again in ${decision.delay} ms`;
}

function wait(delay: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay));
}
