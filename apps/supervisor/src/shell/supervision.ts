/**
 * Keeps the process table running. An agent that dies is started again, alone. When a process dies that others rely on,
 * all are stopped and started afresh: what they were doing is lost, clients see their channels close, and the store
 * tidies up when it starts.
 */
import type { ProcessEntry } from '@cooper/config';
import type { Log } from '@cooper/log';
import { afterDeath, noDeaths, type Restart } from '../core/restart.ts';
import { type Child, type ChildSettings, startChild } from './child.ts';

export interface SupervisionSettings {
  readonly table: readonly ProcessEntry[];
  readonly log: Log;
  /** How a process of the table is started. */
  readonly childSettings: (entry: ProcessEntry) => ChildSettings;
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
    if (this.#stopping || generation !== this.#generation) return;
    const child = await startChild(entry, this.#settings.childSettings(entry));
    this.#children.push(child);
    void child.ended.then((how) => this.#ended(child, how, generation));
  }

  async #ended(child: Child, how: string, generation: number): Promise<void> {
    this.#children = this.#children.filter((other) => other !== child);
    if (this.#stopping || generation !== this.#generation) return;
    const { name, death } = child.entry;
    const { delay, restart } = afterDeath(this.#restarts.get(name) ?? noDeaths, Date.now() - child.started);
    this.#restarts.set(name, restart);
    this.#settings.log.error(
      `cooper-${name} has ended (${how}); starting ${death === 'fatal' ? 'everything' : 'it'} again in ${delay} ms`,
    );
    if (death === 'fatal') {
      this.#generation++;
      await this.#stopAll();
    }
    await new Promise((resolve) => setTimeout(resolve, delay));
    if (death === 'fatal') await this.start();
    else await this.#startOne(child.entry, generation);
  }

  async #stopAll(): Promise<void> {
    const children = this.#children.reverse();
    this.#children = [];
    for (const child of children) await child.stop();
  }
}
