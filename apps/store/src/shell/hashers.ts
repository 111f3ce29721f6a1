/**
 * Hashes items as they are on disk, in threads of their own: a few at a time, so that the store goes on answering and the
 * machine has something left for builds.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Fault } from '@cooper/fault';
import type { Location } from './store-directory.ts';

/** How many items are hashed at a time, at most. */
const most = Math.min(4, availableParallelism());

/** What a thread tells of one item. */
export type Hashed =
  | { readonly narHash: string }
  /** There is none, or something that no item can be. */
  | { readonly problem: string }
  /** Its file system cannot read it. */
  | { readonly unreadable: string };

interface Job {
  readonly location: Location;
  readonly done: (hashed: Hashed) => void;
  readonly failed: (error: Error) => void;
}

export class Hashers {
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Job>();
  readonly #waiting: Job[] = [];

  /**
   * The hash of the archive of what lies at `location`, as the database writes it; nothing where that is no item, or gone.
   * Throws the fault `storage-failed` where it cannot be read.
   */
  async hash(location: Location): Promise<string | undefined> {
    const hashed = await new Promise<Hashed>((done, failed) => {
      this.#waiting.push({ location, done, failed });
      this.#next();
    });
    if ('unreadable' in hashed) {
      throw new Fault('storage-failed', `cannot hash an item: ${hashed.unreadable}`, { name: location.name });
    }
    return 'narHash' in hashed ? hashed.narHash : undefined;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#idle, ...this.#busy.keys()].map((thread) => thread.terminate()));
  }

  #next(): void {
    const job = this.#waiting[0];
    const thread = job === undefined ? undefined : (this.#idle.pop() ?? this.#start());
    if (job === undefined || thread === undefined) return;
    this.#waiting.shift();
    this.#busy.set(thread, job);
    thread.postMessage(job.location);
  }

  #start(): Worker | undefined {
    if (this.#busy.size >= most) return undefined;
    const thread = new Worker(new URL('hashing-thread.ts', import.meta.url), { name: 'hasher' });
    thread.on('message', (hashed: Hashed) => {
      this.#take(thread)?.done(hashed);
      this.#idle.push(thread);
      this.#next();
    });
    // A bug: the thread has ended. Its job fails, the others go on.
    thread.on('error', (error: Error) => {
      this.#take(thread)?.failed(error);
      this.#next();
    });
    thread.unref();
    return thread;
  }

  #take(thread: Worker): Job | undefined {
    const job = this.#busy.get(thread);
    this.#busy.delete(thread);
    return job;
  }
}
