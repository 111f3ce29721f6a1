/**
 * What interrupts a command: the first signal asks for a clean end, the second ends at once. Afterwards the process dies
 * of the signal, so that a shell that runs a script stops, too.
 */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interruption {
  readonly #controller = new AbortController();
  readonly #onFirst: () => void;
  #received: NodeJS.Signals | undefined;

  /** `onFirst` is called when the first signal comes. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
    for (const signal of signals) process.on(signal, this.#receive);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Lets signals have their usual effect again; has the one that came have it now. */
  end(): void {
    for (const signal of signals) process.off(signal, this.#receive);
    if (this.#received !== undefined) process.kill(process.pid, this.#received);
  }

  readonly #receive = (signal: NodeJS.Signals): void => {
    const first = this.#received === undefined;
    this.#received ??= signal;
    if (!first) {
      this.end();
      return;
    }
    this.#onFirst();
    this.#controller.abort();
  };
}
