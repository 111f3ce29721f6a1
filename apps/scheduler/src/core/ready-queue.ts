/** The goals that could run if there were a slot, smallest `order` first: a binary heap, so that 100,000 cost little. */
import { compareBytes } from '@cooper/byte-string';
import type { Goal } from './goal.ts';

export class ReadyQueue<G extends Goal> {
  readonly #heap: G[] = [];
  readonly #members = new Set<G>();

  /** Puts `goal` in the queue, unless it is there. */
  add(goal: G): void {
    if (this.#members.has(goal)) return;
    this.#members.add(goal);
    this.#heap.push(goal);
    this.#rise(this.#heap.length - 1);
  }

  /** The first goal for which `isWanting` holds. Those before it have moved on meanwhile, and are dropped. */
  first(isWanting: (goal: G) => boolean): G | undefined {
    for (let goal = this.#heap[0]; goal !== undefined; goal = this.#heap[0]) {
      if (isWanting(goal)) return goal;
      this.#dropFirst();
    }
    return undefined;
  }

  #dropFirst(): void {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return;
    this.#members.delete(first);
    if (first === last) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #sink(index: number): void {
    for (let at = index; ; ) {
      const left = 2 * at + 1;
      const child = left + 1 < this.#heap.length && this.#isBefore(left + 1, left) ? left + 1 : left;
      if (child >= this.#heap.length || !this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    return compareBytes(this.#at(a).order, this.#at(b).order) < 0;
  }

  #swapIfBefore(a: number, b: number): boolean {
    if (!this.#isBefore(a, b)) return false;
    const goal = this.#at(a);
    this.#heap[a] = this.#at(b);
    this.#heap[b] = goal;
    return true;
  }

  #at(index: number): G {
    const goal = this.#heap[index];
    if (goal === undefined) throw new Error(`the ready queue has no place ${index}`);
    return goal;
  }
}
