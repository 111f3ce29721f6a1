/** How many items may still be sent, and who waits for more. */
export class Credit {
  #left: number;
  #waiting: (() => void)[] = [];

  /** Waits end when `signal` is aborted: there is nobody left to grant more. */
  constructor(initial: number, signal: AbortSignal) {
    this.#left = initial;
    signal.addEventListener('abort', () => this.grant(Number.MAX_SAFE_INTEGER), { once: true });
  }

  grant(count: number): void {
    this.#left = Math.min(this.#left + count, Number.MAX_SAFE_INTEGER);
    while (this.#left > 0 && this.#waiting.length > 0) {
      this.#left--;
      this.#waiting.shift()?.();
    }
  }

  /** Uses one unit, as soon as there is one. */
  async take(): Promise<void> {
    if (this.#left > 0) this.#left--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
