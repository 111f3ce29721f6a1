/** How much memory the large fields of all clients together may take: who comes when it is taken waits. */

/** In bytes: some of the longest texts that there are, whatever the number of clients. */
const total = 256 * 1024 * 1024;

export class MemoryBudget {
  #left = total;
  #waiting: (() => void)[] = [];

  /** Waits until so many bytes are left, and takes them until the share is disposed of. */
  async take(bytes: number): Promise<Disposable> {
    while (this.#left < bytes) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#left -= bytes;
    return { [Symbol.dispose]: () => this.#giveBack(bytes) };
  }

  #giveBack(bytes: number): void {
    this.#left += bytes;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
