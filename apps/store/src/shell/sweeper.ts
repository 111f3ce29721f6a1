/**
 * Removes trees in a thread of its own. To remove the root of a sandbox takes longer than to register what was built in it,
 * and nobody waits for it.
 */
import { Worker } from 'node:worker_threads';
import type { Location } from './store-directory.ts';

/** What the thread tells about one tree. */
export interface Swept {
  readonly name: string;
  /** The bytes that are free on disk for it. */
  readonly freed: number;
  /** Why it could not be removed; nothing when it is gone. */
  readonly problem?: string;
}

export class Sweeper {
  readonly #reportLeft: (name: string, problem: string) => void;
  #thread: Worker | undefined;
  /** Those who wait for what is under way: the thread takes one after the other. */
  readonly #waiting: ((freed: number) => void)[] = [];
  #whenIdle: (() => void) | undefined;

  /** What cannot be removed is told to `reportLeft`. */
  constructor(reportLeft: (name: string, problem: string) => void) {
    this.#reportLeft = reportLeft;
  }

  /** Has the tree at `location` removed, some time soon. Resolves, when it is done, to the bytes that it freed on disk. */
  sweep(location: Location): Promise<number> {
    this.#thread ??= this.#start();
    this.#thread.postMessage(location);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Waits until everything is removed, but not for longer than `patience` ms: the next start does the rest. */
  async close(patience: number): Promise<void> {
    if (this.#waiting.length > 0) {
      const idle = new Promise<void>((resolve) => (this.#whenIdle = resolve));
      await Promise.race([idle, new Promise((resolve) => setTimeout(resolve, patience))]);
    }
    await this.#thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(new URL('sweeper-thread.ts', import.meta.url), { name: 'sweeper' });
    thread.on('message', (swept: Swept) => this.#note(swept));
    thread.unref();
    return thread;
  }

  #note({ name, freed, problem }: Swept): void {
    if (problem !== undefined) this.#reportLeft(name, problem);
    this.#waiting.shift()?.(freed);
    if (this.#waiting.length === 0) this.#whenIdle?.();
  }
}
