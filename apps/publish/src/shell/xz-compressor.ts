/** Compression by xz: slow and large in memory, so each archive has a thread of its own, and there are few at a time. */
import { availableParallelism } from 'node:os';
import { Transform, type TransformCallback } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { XzAnswer } from './xz-thread.ts';

/** A level of 6 takes 94 MiB, one of 9 takes 674 MiB. */
const maxThreads = Math.min(4, availableParallelism());

let running = 0;
const waiting: (() => void)[] = [];

/** A stream that compresses what is written to it. It begins when it is its turn. */
export class XzCompressor extends Transform {
  readonly #level: number;
  #thread: Worker | undefined;
  #isCounted = false;
  #next: TransformCallback | undefined;

  constructor(level: number) {
    super();
    this.#level = level;
  }

  override _construct(callback: (error?: Error | null) => void): void {
    const begin = () => {
      if (this.destroyed) return callback();
      running++;
      this.#isCounted = true;
      this.#thread = this.#start();
      callback();
    };
    if (running < maxThreads) begin();
    else waiting.push(begin);
  }

  override _transform(chunk: Buffer, _encoding: string, callback: TransformCallback): void {
    this.#send(chunk, callback);
  }

  override _flush(callback: TransformCallback): void {
    this.#send(null, callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#isCounted) running--;
    this.#isCounted = false;
    while (running < maxThreads && waiting.length > 0) waiting.shift()?.();
    void this.#thread?.terminate();
    callback(error);
  }

  #start(): Worker {
    const thread = new Worker(new URL('xz-thread.ts', import.meta.url), {
      name: 'xz',
      workerData: { level: this.#level },
    });
    thread.on('message', ({ output, done }: XzAnswer) => {
      if (output.length > 0) this.push(output);
      if (done) this.#next?.();
    });
    thread.on('error', (error) => this.destroy(error));
    return thread;
  }

  #send(message: Buffer | null, callback: TransformCallback): void {
    this.#next = callback;
    this.#thread?.postMessage(message);
  }
}
