/** The way of small items into the store: what comes while it is busy with others goes in one call. */
import type { SmallSubstituteEnd, storeContract } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { FetchEnd } from '../core/event.ts';
import type { GoalId } from '../core/goal.ts';
import { storeFailure } from './fetch-failure.ts';

export interface SmallItem {
  readonly goal: GoalId;
  readonly path: StorePath;
  readonly narinfo: Uint8Array;
  readonly archive: Uint8Array;
}

/** How much goes in one call: items, and bytes, far below the size of a frame. */
const most = { items: 100, bytes: 2 * 1024 * 1024 } as const;

/** How many calls are under way: with two, the store has the next one when it has done the last. */
const calls = 2;

export class SmallIntake {
  readonly #store: Client<typeof storeContract>;
  readonly #report: (goal: GoalId, end: FetchEnd) => void;
  readonly #queue: SmallItem[] = [];
  #underWay = 0;

  constructor(store: Client<typeof storeContract>, report: (goal: GoalId, end: FetchEnd) => void) {
    this.#store = store;
    this.#report = report;
  }

  add(item: SmallItem): void {
    this.#queue.push(item);
    // What the agent has sent together goes together.
    if (this.#queue.length === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    while (this.#underWay < calls && this.#queue.length > 0) {
      this.#underWay++;
      void this.#bring(this.#choose()).then(() => {
        this.#underWay--;
        this.#next();
      });
    }
  }

  #choose(): ReadonlyMap<StorePath, SmallItem> {
    const chosen = new Map<StorePath, SmallItem>();
    let bytes = 0;
    for (const item of this.#queue) {
      bytes += item.archive.length + item.narinfo.length;
      if (chosen.size > 0 && (bytes > most.bytes || chosen.size >= most.items)) break;
      chosen.set(item.path, item);
    }
    this.#queue.splice(0, chosen.size);
    return chosen;
  }

  async #bring(items: ReadonlyMap<StorePath, SmallItem>): Promise<void> {
    const waiting = new Map(items);
    const end = (path: StorePath, end: FetchEnd) => {
      const item = waiting.get(path);
      if (waiting.delete(path) && item !== undefined) this.#report(item.goal, end);
    };
    const onItem = (told: SmallSubstituteEnd) => {
      if (told.status === 'registered') end(told.info.path, { status: 'registered', info: told.info });
      else end(told.path, storeFailure({ ...told, facts: told }));
    };
    const substitutes = Array.from(items.values(), ({ path, narinfo, archive }) => ({ path, narinfo, archive }));
    try {
      await this.#store.call('importSmallSubstitutes', { substitutes }, { onItem });
    } catch (error) {
      if (!isFault(error)) throw error;
      for (const path of waiting.keys()) end(path, storeFailure(error));
    }
  }
}
