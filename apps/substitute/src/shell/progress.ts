/** Tells how a fetch goes on: from where, and how far, ten times a second at most. */
import type { SubstituteEvent } from '@cooper/contracts';

/** In ms. */
const interval = 100;

export class Progress {
  readonly #send: (event: SubstituteEvent) => void;
  #transferred = 0;
  #told = 0;
  #timer: NodeJS.Timeout | undefined;
  #url = '';

  constructor(send: (event: SubstituteEvent) => void) {
    this.#send = send;
  }

  /** Bytes that have come over the wire, those that came twice included. */
  get transferred(): number {
    return this.#transferred;
  }

  /** The archive comes from `url` now. */
  open(url: string, size: number | null): void {
    if (url === this.#url) return;
    this.#url = url;
    this.#send({ event: 'downloading', url, size });
  }

  add(count: number): void {
    this.#transferred += count;
    this.#timer ??= setTimeout(() => this.flush(), interval);
  }

  flush(): void {
    this.close();
    if (this.#told === this.#transferred) return;
    this.#told = this.#transferred;
    this.#send({ event: 'progress', transferred: this.#transferred });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
