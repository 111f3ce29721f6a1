/** The log file of one build, written while it runs: what has been written can be read at any time. */

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import type { Transform, Writable } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import type { StorePath } from '@cooper/store-path';
import { type Compression, logPlace } from '../core/log-name.ts';

/** How often, in ms, what a compressor holds back is written out. */
const flushInterval = 1000;

export interface LogFile {
  /** Empty when no log is kept. */
  readonly path: string;
  /** Resolves when there is room for more. */
  write(data: Buffer): Promise<void>;
  /** Writes out everything and closes the file. */
  close(): Promise<void>;
}

/** Opens the log of `derivation`, replacing an older one. Nil: no log. */
export function openLog(logDir: string, derivation: StorePath, compression: Compression | null): LogFile {
  if (compression === null) return noLog;
  const { directory, file } = logPlace(logDir, derivation, compression);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const fd = openSync(file, 'w', 0o666);
  if (compression === 'none') return plainLog(file, fd);
  if (compression === 'bzip2') return bzip2Log(file, fd);
  return compressedLog(file, fd, compression);
}

const noLog: LogFile = { path: '', write: async () => undefined, close: async () => undefined };

function plainLog(path: string, fd: number): LogFile {
  return {
    path,
    write: async (data) => writeAll(fd, data),
    close: async () => closeSync(fd),
  };
}

function compressedLog(path: string, fd: number, compression: 'gzip' | 'zstd'): LogFile {
  const compressor = compression === 'gzip' ? createGzip({ level: 9 }) : createZstdCompress();
  const flush = compression === 'gzip' ? constants.Z_SYNC_FLUSH : constants.ZSTD_e_flush;
  compressor.on('data', (data: Buffer) => writeAll(fd, data));
  let dirty = false;
  const timer = setInterval(() => {
    if (dirty) compressor.flush(flush);
    dirty = false;
  }, flushInterval);
  return {
    path,
    write: (data) => {
      dirty = true;
      return writeTo(compressor, data);
    },
    close: async () => {
      clearInterval(timer);
      await endOf(compressor);
      closeSync(fd);
    },
  };
}

/** There is no bzip2 in Node, and it is rarely asked for: the program of that name does it. */
function bzip2Log(path: string, fd: number): LogFile {
  const child = spawn('bzip2', ['-c'], { stdio: ['pipe', fd, 'ignore'] });
  closeSync(fd);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  const stdin = child.stdin as unknown as Writable;
  stdin.on('error', () => stdin.destroy());
  return {
    path,
    write: async (data) => {
      if (!stdin.write(data)) await new Promise((resolve) => stdin.once('drain', resolve));
    },
    close: async () => {
      stdin.end();
      await ended;
    },
  };
}

function writeAll(fd: number, data: Buffer): void {
  for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
}

async function writeTo(compressor: Transform, data: Buffer): Promise<void> {
  if (!compressor.write(data)) await new Promise((resolve) => compressor.once('drain', resolve));
}

function endOf(compressor: Transform): Promise<void> {
  return new Promise((resolve, reject) => {
    compressor.once('end', resolve);
    compressor.once('error', reject);
    compressor.end();
  });
}
