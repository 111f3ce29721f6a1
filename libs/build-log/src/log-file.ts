/** The log file of one build, written while it runs: what has been written can be read at any time. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Transform, Writable } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import { type LogCompression, logPlace } from './log-place.ts';

/** How often, in ms, what a compressor holds back is written out. */
const flushInterval = 1000;

/** Its functions throw the faults `disk-full`, `log-failed` and `no-bzip2`. */
export interface LogFile {
  /** Empty when no log is kept. */
  readonly path: string;
  /** Resolves when there is room for more. */
  write(data: Buffer): Promise<void>;
  /** Writes out everything and closes the file. */
  close(): Promise<void>;
}

/** Opens the log of `derivation`, replacing an older one. Nil: no log. */
export function openLog(logDir: string, derivation: StorePath, compression: LogCompression | null): LogFile {
  if (compression === null) return { path: '', write: async () => undefined, close: async () => undefined };
  const { path: file } = logPlace(logDir, derivation, compression);
  const fd = explaining(file, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    return openSync(file, 'w', 0o666);
  });
  if (compression === 'none') return plainLog(file, fd);
  return compression === 'bzip2' ? new Bzip2Log(file, fd) : new CompressedLog(file, fd, compression);
}

function plainLog(path: string, fd: number): LogFile {
  return {
    path,
    write: async (data) => explaining(path, () => writeAll(fd, data)),
    close: async () => closeSync(fd),
  };
}

class CompressedLog implements LogFile {
  readonly path: string;
  readonly #fd: number;
  readonly #compressor: Transform & { flush(kind: number): void };
  readonly #timer: NodeJS.Timeout;
  /** Resolves when all has been written out, or when nothing more will be. */
  readonly #ended: Promise<void>;
  #dirty = false;
  #failure: unknown;
  /** Ends the wait of whoever writes. */
  #wake: (() => void) | undefined;

  constructor(path: string, fd: number, compression: 'gzip' | 'zstd') {
    this.path = path;
    this.#fd = fd;
    this.#compressor = compression === 'gzip' ? createGzip() : createZstdCompress();
    this.#compressor.on('data', (data: Buffer) => this.#writeOut(data));
    this.#ended = new Promise((resolve) => {
      this.#compressor.once('end', resolve);
      this.#compressor.once('error', (error) => {
        this.#failure ??= new Fault(
          'log-failed',
          `cannot compress ${path}: ${error.message}`,
          { path },
          { cause: error },
        );
        this.#wake?.();
        resolve();
      });
    });
    const flush = compression === 'gzip' ? constants.Z_SYNC_FLUSH : constants.ZSTD_e_flush;
    this.#timer = setInterval(() => {
      if (this.#dirty) this.#compressor.flush(flush);
      this.#dirty = false;
    }, flushInterval);
  }

  async write(data: Buffer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#dirty = true;
    if (this.#compressor.write(data)) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#compressor.once('drain', resolve);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#compressor.end();
    await this.#ended;
    closeSync(this.#fd);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Called by the compressor, which has nobody to throw to. */
  #writeOut(data: Buffer): void {
    if (this.#failure !== undefined) return;
    try {
      explaining(this.path, () => writeAll(this.#fd, data));
    } catch (error) {
      this.#failure = error;
    }
  }
}

/** There is no bzip2 in Node, and it is rarely asked for: the program of that name does it, a block at a time. */
class Bzip2Log implements LogFile {
  readonly path: string;
  readonly #stdin: Writable;
  readonly #ended: Promise<Fault | undefined>;

  constructor(path: string, fd: number) {
    this.path = path;
    const child = spawn('bzip2', ['-c'], { stdio: ['pipe', fd, 'ignore'], cwd: '/' });
    closeSync(fd);
    this.#stdin = child.stdin as Writable;
    // A bzip2 that ends early is told of by how it ended.
    this.#stdin.on('error', () => this.#stdin.destroy());
    this.#ended = new Promise((resolve) => {
      child.once('error', (cause) => resolve(new Fault('no-bzip2', `bzip2: ${cause.message}`, { path }, { cause })));
      child.once('close', (code) =>
        resolve(code === 0 ? undefined : new Fault('log-failed', `bzip2 could not write ${path}`, { path })),
      );
    });
  }

  async write(data: Buffer): Promise<void> {
    const stdin = this.#stdin;
    if (stdin.destroyed) await this.close();
    if (stdin.write(data)) return;
    await Promise.race([new Promise((resolve) => stdin.once('drain', resolve)), this.#ended]);
  }

  async close(): Promise<void> {
    this.#stdin.end();
    const failure = await this.#ended;
    if (failure !== undefined) throw failure;
  }
}

function writeAll(fd: number, data: Buffer): void {
  for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
}

function explaining<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const fault = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'log-failed';
    throw new Fault(fault, `cannot write the build log ${path}: ${message}`, { path }, { cause: error });
  }
}
