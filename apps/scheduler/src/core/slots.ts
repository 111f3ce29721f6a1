/** The places in which goals of one kind run (builds, or downloads), and the goals that want one. */
import type { Goal } from './goal.ts';
import { ReadyQueue } from './ready-queue.ts';

export class Slots<G extends Goal & { holdsSlot: boolean }> {
  readonly max: number;
  readonly #ready = new ReadyQueue<G>();
  #running = 0;

  constructor(max: number) {
    this.max = max;
  }

  get running(): number {
    return this.#running;
  }

  /** Puts `goal`, in state `slot-wanted`, in the queue. */
  want(goal: G): void {
    this.#ready.add(goal);
  }

  /** Gives a free slot to the first goal of the queue; nothing when there is no slot or no goal. */
  grant(): G | undefined {
    if (this.#running >= this.max) return undefined;
    const goal = this.#ready.take();
    if (goal === undefined) return undefined;
    goal.holdsSlot = true;
    this.#running++;
    return goal;
  }

  /** Takes back the slot that `goal` holds, if it holds one. */
  release(goal: G): void {
    if (!goal.holdsSlot) return;
    goal.holdsSlot = false;
    this.#running--;
  }
}
