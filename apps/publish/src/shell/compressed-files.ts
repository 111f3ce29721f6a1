/**
 * Compressed archives that are kept: files named for the hash of the archive and how it was compressed, so that none is
 * ever wrong. Those that were not asked for longest go when there are too many bytes of them.
 */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { Fault } from '@cooper/fault';
import type { CompressionChoice } from '../core/compression.ts';
import { isErrno } from './errno.ts';

/** Which archive, compressed how. */
export interface FileKey {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly narHash: string;
  readonly choice: CompressionChoice;
}

export interface CompressedFile {
  readonly path: string;
  readonly size: number;
}

/** A file that is being written. */
export interface Draft {
  /** Writes the next piece. That it cannot be written is told, and costs nobody his answer. */
  write(piece: Uint8Array): Promise<void>;
  /** It is whole: from now on it is found, if all of it could be written. */
  keep(): Promise<void>;
  /** Takes it away, unless it was kept. */
  close(): Promise<void>;
}

export class CompressedFiles {
  readonly #directory: string;
  readonly #limit: number;
  readonly #report: (problem: string) => void;
  readonly #drafts = new Set<string>();

  /** `limit`: how many bytes are kept. What cannot be written is told to `report`. Throws the fault `file-system-error`. */
  constructor(directory: string, { limit, report }: { limit: number; report: (problem: string) => void }) {
    this.#directory = directory;
    this.#limit = limit;
    this.#report = report;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o755 });
      accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      const message = `user ${process.getuid?.()} cannot keep files there: ${(error as Error).message}`;
      throw new Fault('file-system-error', message, { directory }, { cause: error });
    }
  }

  /** The file, if it is there. */
  async find(key: FileKey): Promise<CompressedFile | undefined> {
    const path = this.#path(key);
    try {
      const { size } = await stat(path);
      return { path, size };
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** Notes that a file was asked for. */
  async touch(path: string): Promise<void> {
    const now = new Date();
    await utimes(path, now, now).catch((error: unknown) => {
      if (!isErrno(error, 'ENOENT')) throw error;
    });
  }

  /** Begins a file; nothing when somebody is at it already. */
  async begin(key: FileKey): Promise<Draft | undefined> {
    const path = this.#path(key);
    if (this.#drafts.has(path)) return undefined;
    this.#drafts.add(path);
    const draft = new DraftFile(path, this.#report);
    return {
      write: (piece) => draft.write(piece),
      keep: async () => {
        if (await draft.keep()) await this.#trim();
      },
      close: async () => {
        this.#drafts.delete(path);
        await draft.close();
      },
    };
  }

  /** Removes what is too much, and what earlier processes did not finish. */
  async clean(): Promise<void> {
    const left = (await readdir(this.#directory)).filter((name) => name.endsWith('.draft'));
    for (const name of left) await rm(`${this.#directory}/${name}`, { force: true });
    await this.#trim();
  }

  async #trim(): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => isKept.test(name));
    const files = await Promise.all(names.map((name) => measure(`${this.#directory}/${name}`)));
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files.toSorted((a, b) => a.time - b.time)) {
      if (total <= this.#limit) return;
      await rm(path, { force: true });
      total -= size;
    }
  }

  #path({ narHash, choice: { compression, level } }: FileKey): string {
    return `${this.#directory}/${narHash.replace(':', '-')}.${compression}-${level}`;
  }
}

/** A file under another name, until it is whole. */
class DraftFile {
  readonly #path: string;
  readonly #name: string;
  readonly #report: (problem: string) => void;
  #file: FileHandle | undefined;
  #failed = false;

  constructor(path: string, report: (problem: string) => void) {
    this.#path = path;
    this.#name = `${path}.${randomBytes(6).toString('hex')}.draft`;
    this.#report = report;
  }

  async write(piece: Uint8Array): Promise<void> {
    if (this.#failed) return;
    try {
      this.#file ??= await open(this.#name, 'wx', 0o644);
      await this.#file.writeFile(piece);
    } catch (error) {
      this.#failed = true;
      this.#report(`cannot keep ${this.#path}: ${(error as Error).message}`);
    }
  }

  async keep(): Promise<boolean> {
    if (this.#failed || this.#file === undefined) return false;
    await rename(this.#name, this.#path);
    return true;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    await rm(this.#name, { force: true });
  }
}

/** Our own files: whatever else is in the directory stays. */
const isKept = /^sha256-[0-9a-f]{64}\.[a-z0-9]+-\d+$/;

async function measure(path: string): Promise<{ readonly path: string; readonly size: number; readonly time: number }> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, size, time: mtimeMs };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { path, size: 0, time: 0 };
    throw error;
  }
}
