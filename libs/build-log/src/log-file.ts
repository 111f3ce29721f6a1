/** The log file of one build, written while it runs: what has been written can be read at any time. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import {
  CompressedStream,
  compressors,
  explaining,
  flushInterval,
  type StreamCompression,
  writeAll,
} from './compressed-stream.ts';
import { type LogCompression, logPlace } from './log-place.ts';

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

/** Most logs are short, or empty: what fits this is compressed in one go, unless it has to be readable before the end. */
const shortLog = 16 * 1024;

class CompressedLog implements LogFile {
  readonly path: string;
  readonly #fd: number;
  readonly #compression: StreamCompression;
  readonly #held: Buffer[] = [];
  #heldSize = 0;
  #timer: NodeJS.Timeout | undefined;
  #stream: CompressedStream | undefined;

  constructor(path: string, fd: number, compression: StreamCompression) {
    this.path = path;
    this.#fd = fd;
    this.#compression = compression;
  }

  write(data: Buffer): Promise<void> {
    if (this.#stream !== undefined) return this.#stream.write(data);
    this.#held.push(data);
    this.#heldSize += data.length;
    if (this.#heldSize > shortLog) return this.#startStream();
    this.#timer ??= setTimeout(() => this.#showHeld(), flushInterval);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      if (this.#stream !== undefined) return await this.#stream.end();
      const whole = compressors[this.#compression].atOnce(Buffer.concat(this.#held));
      explaining(this.path, () => writeAll(this.#fd, whole));
    } finally {
      closeSync(this.#fd);
    }
  }

  /** From now on all is written out as it comes. */
  #startStream(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stream = new CompressedStream(this.path, this.#fd, compressors[this.#compression]);
    return this.#stream.write(Buffer.concat(this.#held.splice(0)));
  }

  #showHeld(): void {
    // There is room in a fresh stream, and its failures are told to whoever writes next.
    void this.#startStream();
    this.#stream?.flush();
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
