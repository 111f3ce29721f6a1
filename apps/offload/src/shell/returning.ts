/** The outputs of a build on their way back: pieces from a machine, which our store takes in as they come. */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Compression, decompressed, isBadCompression, sendBytes } from '@cooper/bulk';
import type { Job, Result, storeContract } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import { isOfMachine, machineFailure, refusal } from './machine-failure.ts';

/** What an export has beside each archive: names, references, a signature; in bytes, and generous. */
const beside = 1024 * 1024;

/** What our store finds wrong with what it is given: the machine's fault, and not ours. */
const itsFaults: ReadonlySet<string> = new Set([
  'invalid-nar',
  'invalid-export',
  'unsigned-import',
  'unauthorized-import',
  'unwanted-output',
]);

type Delivery = Result<typeof storeContract, 'deliverOutputs'>;

export class Returning {
  readonly #store: Client<typeof storeContract>;
  readonly #job: Job;
  readonly #compression: Compression;
  readonly #pieces = new PassThrough({ highWaterMark: 4 * 1024 * 1024 });
  #delivery: Promise<Delivery> | undefined;
  /** How many bytes it may send, uncompressed. */
  #allowed: number;

  constructor(store: Client<typeof storeContract>, job: Job, compression: Compression) {
    this.#store = store;
    this.#job = job;
    this.#compression = compression;
    this.#allowed = job.outputs.length * beside;
    this.#pieces.on('error', () => undefined);
  }

  /** So many bytes of archives are coming, it says: they must have room here, and will not be more. */
  async expect(size: number): Promise<void> {
    const { bavail, bsize } = await statfs(dirname(this.#job.derivation));
    if (size > bavail * bsize) throw machineFailure(`its outputs need ${size} bytes, for which there is no room here`);
    this.#allowed = size + this.#job.outputs.length * beside;
  }

  /** Takes a piece; resolves when there is room for another. Throws when the store does not take it. */
  async take(data: Uint8Array): Promise<void> {
    this.#delivery ??= this.#begin();
    if (!this.#pieces.destroyed && !this.#pieces.write(data)) await this.#room();
    if (this.#pieces.destroyed) await this.#delivery;
  }

  /** Resolves when there is room, or when nothing is taken any more. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      for (const event of ['drain', 'close']) this.#pieces.once(event, () => resolve());
    });
  }

  /** All has come: gives the directory in which it lies. */
  async finish(): Promise<Uint8Array> {
    if (this.#delivery === undefined) throw machineFailure('it says that the build has succeeded, and sent no output');
    this.#pieces.end();
    const { storeDirectory, paths } = await this.#delivery;
    const missing = this.#job.outputs.find(({ path }) => !paths.includes(path));
    if (missing !== undefined) throw machineFailure(`it did not send the output \`${missing.path}'`);
    return storeDirectory;
  }

  /** Nothing more comes. */
  abandon(): void {
    this.#pieces.destroy();
  }

  #begin(): Promise<Delivery> {
    const delivery = this.#deliver();
    delivery.catch(() => undefined);
    return delivery;
  }

  async #deliver(): Promise<Delivery> {
    const bytes = this.#counted(decompressed(this.#pieces, this.#compression));
    try {
      const { derivation } = this.#job;
      return await this.#store.call('deliverOutputs', { derivation }, { onItem: (ticket) => sendBytes(ticket, bytes) });
    } catch (error) {
      if (isOfMachine(error)) throw error;
      if (isBadCompression(error)) throw machineFailure('what it sent back is no zstd stream');
      if (isFault(error) && itsFaults.has(error.code)) throw refusal(explain(error.code, error.message), error);
      throw error;
    } finally {
      this.#pieces.destroy();
    }
  }

  async *#counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let count = 0;
    for await (const piece of bytes) {
      count += piece.length;
      if (count > this.#allowed) throw machineFailure('it sent more than it had announced');
      yield piece;
    }
  }
}

function explain(code: string, message: string): string {
  if (code !== 'unauthorized-import') return `what it sent back is refused: ${message}`;
  const [first = ''] = message.split('\n');
  return `what it sent back is refused: ${first}; \`cooper authorize' here has its key believed`;
}
