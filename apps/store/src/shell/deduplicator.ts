/**
 * Makes equal files of the store one file, by hard links, in a thread of its own: what was added is looked at soon, and
 * nobody waits for it.
 */
import { Worker } from 'node:worker_threads';
import type { ByteString } from '@cooper/byte-string';
import type { Location } from './store-directory.ts';

export interface DeduplicationPlace {
  readonly storeDir: string;
  /** The store directory and `.cooper`, open. */
  readonly directory: number;
  readonly staging: number;
  /** Where to die, in tests. */
  readonly faultPoint: string | undefined;
}

export type DeduplicationTask =
  | { readonly type: 'item'; readonly name: ByteString }
  | { readonly type: 'remove-unused' };

/** Files linked (or links removed), and the bytes on disk that are free for it. */
export interface DeduplicationAnswer {
  readonly files: number;
  readonly bytes: number;
  readonly problem?: string;
}

export class Deduplicator {
  readonly #place: DeduplicationPlace;
  readonly #reportProblem: (problem: string) => void;
  readonly #waiting: ((answer: DeduplicationAnswer) => void)[] = [];
  #thread: Worker | undefined;

  constructor(place: DeduplicationPlace, reportProblem: (problem: string) => void) {
    this.#place = place;
    this.#reportProblem = reportProblem;
  }

  /** Has the item at `location` share what it can. One that is gone by then is no problem. */
  item({ name }: Location): Promise<DeduplicationAnswer> {
    return this.#ask({ type: 'item', name });
  }

  /** Removes what no item shares any more. */
  removeUnused(): Promise<DeduplicationAnswer> {
    return this.#ask({ type: 'remove-unused' });
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #ask(task: DeduplicationTask): Promise<DeduplicationAnswer> {
    this.#thread ??= this.#start();
    this.#thread.postMessage(task);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #start(): Worker {
    const options = { name: 'deduplicator', workerData: this.#place };
    const thread = new Worker(new URL('deduplication-thread.ts', import.meta.url), options);
    thread.on('message', (answer: DeduplicationAnswer) => {
      if (answer.problem !== undefined) this.#reportProblem(answer.problem);
      this.#waiting.shift()?.(answer);
    });
    thread.on('error', (error: Error) => this.#giveUp(error));
    thread.unref();
    return thread;
  }

  /** The store cannot be written, or there is a bug: nothing is shared then, and nothing else suffers. */
  #giveUp({ message }: Error): void {
    this.#thread = undefined;
    this.#reportProblem(message);
    for (const answer of this.#waiting.splice(0)) answer({ files: 0, bytes: 0, problem: message });
  }
}
