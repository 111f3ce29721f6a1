/** A call that a server carries out: its credit, its signal, and what it may send. */
import { Credit } from './credit.ts';

export class RunningCall {
  /** Made when somebody asks for it: most calls are over before anyone could cancel them. */
  #controller: AbortController | undefined;
  readonly #credit: Credit;
  readonly #sendItem: (item: unknown) => void;
  #over = false;
  #cancelled = false;

  /** `window` items may be sent before credit is needed. */
  constructor(window: number, sendItem: (item: unknown) => void) {
    this.#credit = new Credit(window);
    this.#sendItem = sendItem;
  }

  /** Aborted when nobody waits for the call any more. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#cancelled) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Sends an item when there is credit for it; nothing when the call is over or was cancelled meanwhile. */
  async send(item: unknown): Promise<void> {
    if (!this.#credit.tryTake()) await this.#credit.take();
    if (!this.#over) this.#sendItem(item);
  }

  grant(count: number): void {
    this.#credit.grant(count);
  }

  cancel(): void {
    this.end();
    this.#cancelled = true;
    this.#controller?.abort();
  }

  /** Nothing is sent from now on, and nobody waits for credit. */
  end(): void {
    this.#over = true;
    this.#credit.release();
  }
}
