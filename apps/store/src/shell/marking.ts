/**
 * Finds out what is dead, in a thread of its own: to read a large database takes seconds, in which the store answers
 * others. The result is the state of one moment; what was protected since is for the caller to see to.
 */
import { Worker } from 'node:worker_threads';

/** How many paths go in one message. */
export const portion = 2000;

export interface MarkingOrder {
  readonly storeDir: string;
  readonly databaseDir: string;
  readonly roots: readonly string[];
  readonly keepOutputs: boolean;
  readonly keepDerivations: boolean;
  readonly wantsLive: boolean;
}

/** A path and the size of its NAR; 0 where it is not registered. */
export type MarkedPath = readonly [path: string, size: number];

/** What the thread tells: dead paths, referrers before what they refer to; what is not registered at all. */
export type Marked =
  | { readonly type: 'dead' | 'live' | 'leftover'; readonly found: readonly MarkedPath[] }
  | { readonly type: 'done'; readonly total: number };

export interface Marking {
  readonly dead: ReadonlyMap<string, number>;
  readonly live: readonly string[];
  readonly leftovers: readonly string[];
}

/** Marks. Rejects with the reason of `signal` when that is aborted, and with whatever the thread met. */
export function markPaths(order: MarkingOrder, signal: AbortSignal): Promise<Marking> {
  const dead = new Map<string, number>();
  const live: string[] = [];
  const leftovers: string[] = [];
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('marking-thread.ts', import.meta.url), { name: 'marking', workerData: order });
    const cancel = (): void => {
      reject(signal.reason as Error);
      void thread.terminate();
    };
    signal.addEventListener('abort', cancel, { once: true });
    thread.on('error', reject);
    thread.on('exit', () => {
      signal.removeEventListener('abort', cancel);
      reject(new Error('the marking thread ended early'));
    });
    thread.on('message', (message: Marked) => {
      if (message.type === 'done') resolve({ dead, live, leftovers });
      else if (message.type === 'dead') for (const [path, size] of message.found) dead.set(path, size);
      else for (const [path] of message.found) (message.type === 'live' ? live : leftovers).push(path);
    });
    if (signal.aborted) cancel();
  });
}
