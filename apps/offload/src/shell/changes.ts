/** Tells those who wait for it that something has changed with the machines. */
export class Changes {
  #waiting = Promise.withResolvers<void>();

  tell(): void {
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers();
  }

  /** Resolves at the next change, or after `patience` ms: what nobody tells of may have changed by then. */
  async next(patience: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patience);
    await Promise.race([this.#waiting.promise, late]);
    clearTimeout(timer);
  }
}
