/** A log that is compressed while it is written: what has been written can be read within a second. */
import { writeSync } from 'node:fs';
import type { Transform } from 'node:stream';
import { constants, createGzip, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';
import { Fault } from '@cooper/fault';

/** How often, in ms, what a compressor holds back is written out. */
export const flushInterval = 1000;

export type StreamCompression = 'gzip' | 'zstd';

/** The ways to compress a log. */
export interface Compressor {
  readonly atOnce: (data: Buffer) => Buffer;
  readonly stream: () => Transform & { flush(kind: number): void };
  /** What makes the stream give out all that it has. */
  readonly flush: number;
}

export const compressors: Readonly<Record<StreamCompression, Compressor>> = {
  gzip: { atOnce: (data) => gzipSync(data), stream: () => createGzip(), flush: constants.Z_SYNC_FLUSH },
  zstd: {
    atOnce: (data) => zstdCompressSync(data),
    stream: () => createZstdCompress(),
    flush: constants.ZSTD_e_flush,
  },
};

export class CompressedStream {
  readonly #path: string;
  readonly #fd: number;
  readonly #compressor: ReturnType<Compressor['stream']>;
  readonly #timer: NodeJS.Timeout;
  readonly #flushKind: number;
  /** Resolves when all has been written out, or when nothing more will be. */
  readonly #ended: Promise<void>;
  #dirty = false;
  #failure: unknown;
  /** Ends the wait of whoever writes. */
  #wake: (() => void) | undefined;

  constructor(path: string, fd: number, { stream, flush }: Compressor) {
    this.#path = path;
    this.#fd = fd;
    this.#compressor = stream();
    this.#compressor.on('data', (data: Buffer) => this.#writeOut(data));
    this.#ended = new Promise((resolve) => {
      this.#compressor.once('end', resolve);
      this.#compressor.once('error', (error) => {
        this.#failure ??= cannotCompress(path, error);
        this.#wake?.();
        resolve();
      });
    });
    this.#flushKind = flush;
    this.#timer = setInterval(() => this.flush(), flushInterval);
  }

  /** Has what was written be read. */
  flush(): void {
    if (this.#dirty) this.#compressor.flush(this.#flushKind);
    this.#dirty = false;
  }

  /** Resolves when there is room for more. */
  async write(data: Buffer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#dirty = true;
    if (this.#compressor.write(data)) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#compressor.once('drain', resolve);
    });
  }

  /** Writes out everything. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#compressor.end();
    await this.#ended;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Called by the compressor, which has nobody to throw to. */
  #writeOut(data: Buffer): void {
    if (this.#failure !== undefined) return;
    try {
      explaining(this.#path, () => writeAll(this.#fd, data));
    } catch (error) {
      this.#failure = error;
    }
  }
}

function cannotCompress(path: string, cause: Error): Fault {
  return new Fault('log-failed', `cannot compress ${path}: ${cause.message}`, { path }, { cause });
}

export function writeAll(fd: number, data: Buffer): void {
  for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
}

/** Throws what goes wrong in `action` as one of the faults of a log. */
export function explaining<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const fault = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'log-failed';
    throw new Fault(fault, `cannot write the build log ${path}: ${message}`, { path }, { cause: error });
  }
}
