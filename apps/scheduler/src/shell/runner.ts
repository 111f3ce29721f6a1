/**
 * Runs the engine: every event goes in here, and the effects that follow are handed to those who carry them out. An
 * effect is answered later, by an event; nothing here waits.
 */
import { writeSync } from 'node:fs';
import { inTurn } from '@cooper/process';
import type { Effect } from '../core/effect.ts';
import { type Engine, step } from '../core/engine.ts';
import type { Event } from '../core/event.ts';
import type { GoalId } from '../core/goal.ts';
import { effectLine } from '../core/trace-line.ts';

/** An event without its time, which the runner adds. */
export type Report = Event extends infer E ? (E extends Event ? Omit<E, 'now'> : never) : never;

/** Carries out the effects of some types; those of others it leaves alone. */
export type Performer = (effect: Effect) => void;

export class Runner {
  readonly engine: Engine;
  readonly #performers: Performer[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #traceFile: number | undefined;

  /** `traceFile`: the descriptor of a file that gets a line for each event and effect. */
  constructor(engine: Engine, traceFile?: number) {
    this.engine = engine;
    this.#traceFile = traceFile;
  }

  addPerformer(performer: Performer): void {
    this.#performers.push(performer);
  }

  /** Calls `watcher` after every event, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Lets something happen. */
  report(report: Report): void {
    const effects = step(this.engine, { ...report, now: Date.now() } as Event);
    if (this.#traceFile !== undefined) this.#trace(report, effects);
    for (const effect of effects) for (const perform of this.#performers) perform(effect);
    for (const watcher of this.#watchers) watcher();
  }

  /**
   * Lets something happen that may concern hundreds of goals: not in the same turn of the event loop as another such
   * thing, so that whoever asks in between gets an answer.
   */
  reportInTurn(report: Report): Promise<void> {
    return inTurn(() => this.report(report));
  }

  #trace(report: Report, effects: readonly Effect[]): void {
    const goalName = (id: GoalId) => this.engine.goals.get(id)?.path ?? `goal ${id}`;
    const subject = 'goal' in report ? ` ${goalName(report.goal)}` : '';
    const lines = [`> ${report.type}${subject}`, ...effects.map((effect) => `< ${effectLine(effect, goalName)}`)];
    writeSync(this.#traceFile as number, `${lines.join('\n')}\n`);
  }
}
