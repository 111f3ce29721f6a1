/**
 * Collects when the disk runs low, before it is full: as soon as less than `min-free` is free, until `max-free` is. It is
 * looked for whenever something is about to be added.
 */
import type { Log } from '@cooper/log';
import { fstatvfs } from '@cooper/system-calls';
import type { Collector } from './collector.ts';
import type { KeepingRules } from './garbage.ts';
import type { World } from './world.ts';

/** How often, in ms, it is looked for, and how long it is left alone when a collection has not helped. */
const interval = 1000;
const patience = 60_000;

interface Limits extends KeepingRules {
  /** In bytes; 0: never collect. */
  readonly minFree: number;
  readonly maxFree: number;
}

export class AutomaticCollection implements Disposable {
  readonly #world: World;
  readonly #collector: Collector;
  readonly #limits: Limits;
  readonly #log: Log;
  readonly #watch: Disposable | undefined;
  readonly #ending = new AbortController();
  #next = 0;

  constructor(world: World, collector: Collector, limits: Limits, log: Log) {
    this.#world = world;
    this.#collector = collector;
    this.#limits = limits;
    this.#log = log;
    this.#watch = limits.minFree === 0 ? undefined : world.protections.watch(() => this.#look());
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#ending.abort();
  }

  #look(): void {
    if (Date.now() < this.#next) return;
    this.#next = Date.now() + interval;
    const free = this.#free();
    if (free >= this.#limits.minFree) return;
    this.#next = Number.POSITIVE_INFINITY;
    this.#collect(free).catch((error: unknown) => this.#log.error(`cannot collect: ${String(error)}`));
  }

  async #collect(free: number): Promise<void> {
    const { minFree, maxFree } = this.#limits;
    this.#log.info(`${free} bytes are free on the disk of the store, fewer than ${minFree}: collecting garbage`);
    const maxFreed = Math.max(maxFree, minFree) - free;
    const wish = { ...this.#limits, action: 'delete-dead', paths: [], maxFreed } as const;
    try {
      const freed = await this.#collector.collect(wish, { send: async () => undefined, signal: this.#ending.signal });
      this.#log.info(`the collection has freed ${freed} bytes`);
    } finally {
      this.#next = Date.now() + (this.#free() < minFree ? patience : interval);
    }
  }

  #free(): number {
    return fstatvfs(this.#world.store.descriptor).available;
  }
}
