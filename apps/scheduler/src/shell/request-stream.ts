/**
 * The events of one request on their way to its client. A client that reads slowly delays nobody: what it has not read
 * waits here, and log data beyond a limit is left out, with a note that says so (the log file has it all).
 */
import type { SchedulerEvent } from '@cooper/contracts';

/** How much log data may wait for a slow client. */
const maxWaiting = 8 * 1024 * 1024;

export class RequestStream {
  readonly #send: (event: SchedulerEvent) => Promise<void>;
  #queue: SchedulerEvent[] = [];
  #waiting = 0;
  #leftOut = 0;
  #sending: Promise<void> | undefined;

  /** `send` resolves when the client has room for more. */
  constructor(send: (event: SchedulerEvent) => Promise<void>) {
    this.#send = send;
  }

  push(event: SchedulerEvent): void {
    const size = event.event === 'build-log' ? event.data.length : 0;
    if (size > 0 && this.#waiting + size > maxWaiting) {
      this.#leftOut += size;
      return;
    }
    if (this.#leftOut > 0) this.#noteGap();
    this.#waiting += size;
    this.#queue.push(event);
    this.#sending ??= this.#work();
  }

  /** Resolves when everything that was pushed has been sent, or the client is gone. */
  async drained(): Promise<void> {
    if (this.#leftOut > 0) this.#noteGap();
    if (this.#queue.length > 0) this.#sending ??= this.#work();
    await this.#sending;
  }

  #noteGap(): void {
    const text = `${this.#leftOut} bytes of build logs are left out here: the log files have them`;
    this.#leftOut = 0;
    this.#queue.push({ event: 'message', level: 'warning', text });
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const events = this.#queue;
      this.#queue = [];
      for (const event of events) {
        await this.#send(event);
        if (event.event === 'build-log') this.#waiting -= event.data.length;
      }
    }
    this.#sending = undefined;
  }
}
