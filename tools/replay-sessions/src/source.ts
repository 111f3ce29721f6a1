/** Bytes of one side of a session, read field by field: from a recording, or from a daemon that is talking. */
import type { Socket } from 'node:net';
import { ByteQueue, Progress, type Reading } from '@cooper/worker-protocol';

export class Source {
  readonly queue = new ByteQueue();
  #isWhole: boolean;
  #wake: (() => void) | undefined;

  private constructor(isWhole: boolean) {
    this.#isWhole = isWhole;
  }

  static ofBytes(bytes: Buffer): Source {
    const source = new Source(true);
    source.queue.push(bytes);
    return source;
  }

  static ofSocket(socket: Socket): Source {
    const source = new Source(false);
    socket.on('data', (bytes) => {
      source.queue.push(bytes as Buffer);
      source.#wake?.();
    });
    const end = () => {
      source.#isWhole = true;
      source.#wake?.();
    };
    socket.on('end', end).on('close', end).on('error', end);
    return source;
  }

  /** What `reading` reads, and the bytes that it took; nothing when the bytes end first. */
  async read<T>(reading: Reading<T>): Promise<{ readonly value: T; readonly raw: Buffer } | undefined> {
    const taken: Buffer[] = [];
    const progress = new Progress(noting(reading, taken));
    while (!progress.advance(this.queue)) if (!(await this.#more())) return undefined;
    return { value: progress.value, raw: Buffer.concat(taken) };
  }

  /** Everything up to the end. */
  async rest(): Promise<Buffer> {
    while (await this.#more());
    return this.queue.take(this.queue.length);
  }

  async #more(): Promise<boolean> {
    if (this.#isWhole) return false;
    await new Promise<void>((resolve) => (this.#wake = resolve));
    return true;
  }
}

function* noting<T>(reading: Reading<T>, taken: Buffer[]): Reading<T> {
  for (let step = reading.next(undefined as never); ; ) {
    if (step.done) return step.value;
    const bytes = yield step.value;
    taken.push(bytes);
    step = reading.next(bytes);
  }
}
