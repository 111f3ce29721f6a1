/** How many items may still be sent, and who waits for more. */
export class Credit {
  #left: number;
  #waiting: (() => void)[] = [];

  constructor(initial: number) {
    this.#left = initial;
  }

  grant(count: number): void {
    this.#left = Math.min(this.#left + count, Number.MAX_SAFE_INTEGER);
    const served = this.#waiting.splice(0, this.#left);
    this.#left -= served.length;
    for (const resume of served) resume();
  }

  /** Lets everyone go on, now and later: there is nobody left to grant more. */
  release(): void {
    this.#left = Number.POSITIVE_INFINITY;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Uses one unit if there is one. */
  tryTake(): boolean {
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }

  /** Uses one unit, as soon as there is one. In the order of asking. */
  async take(): Promise<void> {
    if (!this.tryTake()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
