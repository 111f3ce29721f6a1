/** The threads that unpack what Node does not, and the work that they share. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DecoderKind, DecoderReply, DecoderRequest } from './decoder.ts';

/** More threads than downloads there are not to be: the default of those is 8. */
const threadCount = Math.max(1, Math.min(4, availableParallelism() - 1));

interface Thread {
  readonly worker: Worker;
  jobs: number;
}

/** What is to be unpacked is not what it should be. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError';
}

export class Decoders {
  readonly #threads: Thread[] = [];
  readonly #waiting = new Map<number, (reply: DecoderReply) => void>();
  #lastJob = 0;

  /** Starts all threads, before their files are out of reach. */
  async prepare(): Promise<void> {
    while (this.#threads.length < threadCount) {
      const { worker } = this.#start();
      worker.ref();
      await new Promise((resolve) => worker.once('online', resolve));
      worker.unref();
    }
  }

  /** What `source` is when it is unpacked. Throws an `UnpackError` that says what is wrong with it, and what `source` throws. */
  async *decode(kind: DecoderKind, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const thread = this.#choose();
    const job = ++this.#lastJob;
    const input = source[Symbol.asyncIterator]();
    if (thread.jobs++ === 0) thread.worker.ref();
    try {
      let piece: Uint8Array | null = new Uint8Array(0);
      for (;;) {
        const reply: DecoderReply = await this.#ask(thread, { job, kind, input: piece });
        if ('error' in reply) throw new UnpackError(reply.error);
        if (reply.output.length > 0) yield reply.output;
        if (reply.ended) return;
        piece = reply.hungry ? await next(input) : new Uint8Array(0);
      }
    } finally {
      if (--thread.jobs === 0) thread.worker.unref();
      thread.worker.postMessage({ job, close: true } satisfies DecoderRequest);
      await input.return?.();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #ask(thread: Thread, request: DecoderRequest): Promise<DecoderReply> {
    return new Promise((resolve) => {
      this.#waiting.set(request.job, resolve);
      thread.worker.postMessage(request);
    });
  }

  #choose(): Thread {
    const [first] = [...this.#threads].sort((a, b) => a.jobs - b.jobs);
    return first === undefined || (first.jobs > 0 && this.#threads.length < threadCount) ? this.#start() : first;
  }

  #start(): Thread {
    const worker = new Worker(new URL('./decoder-thread.ts', import.meta.url));
    // A thread that dies is a bug of ours: its error, which nobody catches here, ends the process.
    worker.on('message', (reply: DecoderReply) => {
      const take = this.#waiting.get(reply.job);
      this.#waiting.delete(reply.job);
      take?.(reply);
    });
    worker.unref();
    const thread = { worker, jobs: 0 };
    this.#threads.push(thread);
    return thread;
  }
}

async function next(input: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
  for (;;) {
    const { done, value } = await input.next();
    if (done) return null;
    if (value.length > 0) return value;
  }
}
