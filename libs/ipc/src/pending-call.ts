/** A call that waits for its answer: takes streamed items one after the other, gives back credit, ends once. */
import { Fault } from '@cooper/fault';

export interface PendingCallOptions {
  /** How many items the server may send without new credit. */
  readonly window: number;
  /** Called with each item, in order, the next only when this one has been dealt with. */
  readonly takeItem: (item: unknown) => void | Promise<void>;
  /** Gives the server credit for so many more items. */
  readonly grant: (count: number) => void;
  /** Tells the server that nobody waits any more. */
  readonly cancel: () => void;
}

export class PendingCall {
  readonly answer: Promise<unknown>;
  readonly #options: PendingCallOptions;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: unknown) => void;
  readonly #items: unknown[] = [];
  #credit: number;
  #consumed = 0;
  #taking = false;
  #failed = false;
  /** What the server answered, once it has. */
  #end: (() => void) | undefined;

  constructor(options: PendingCallOptions) {
    this.#options = options;
    this.#credit = options.window;
    const { promise, resolve, reject } = Promise.withResolvers();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Takes in an item that has arrived. Throws the fault `malformed-message` when the server had no credit for it. */
  item(item: unknown): void {
    if (--this.#credit < 0) throw new Fault('malformed-message', 'the server sent more items than it had credit for');
    if (this.#failed) return;
    this.#items.push(item);
    if (!this.#taking) void this.#takeAll();
  }

  /** The server's answer: the call ends with it once all items have been taken. */
  finish(answer: { readonly result: unknown } | { readonly fault: Fault }): void {
    this.#end = () => ('fault' in answer ? this.#reject(answer.fault) : this.#resolve(answer.result));
    if (!this.#taking) this.#end();
  }

  /** Ends the call at once: no answer will come. Without effect when the answer is there. */
  fail(error: unknown): void {
    if (this.#end !== undefined) return;
    this.#failed = true;
    this.#items.length = 0;
    this.#reject(error);
  }

  async #takeAll(): Promise<void> {
    this.#taking = true;
    try {
      while (this.#items.length > 0) {
        const taken = this.#options.takeItem(this.#items.shift());
        if (taken !== undefined) await taken;
        this.#grant();
      }
    } catch (error) {
      this.#refuse(error);
    }
    this.#taking = false;
    this.#end?.();
  }

  /** Whoever takes the items does not want the rest. */
  #refuse(error: unknown): void {
    if (this.#end === undefined) this.#options.cancel();
    this.#failed = true;
    this.#items.length = 0;
    this.#reject(error);
  }

  /** Gives back credit for what was consumed, in halves of the window rather than one by one. */
  #grant(): void {
    if (++this.#consumed < this.#options.window / 2 || this.#end !== undefined) return;
    this.#credit += this.#consumed;
    this.#options.grant(this.#consumed);
    this.#consumed = 0;
  }
}
