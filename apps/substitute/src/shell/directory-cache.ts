/** A cache that is a directory of this machine. Only regular files are read, wherever links lead. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type CacheUrl, resolveInCache } from '../core/cache-url.ts';
import type { Cache, OpenFile, Place, SmallAnswer } from './cache.ts';
import { cacheFailure } from './cache-failure.ts';

export class DirectoryCache implements Cache {
  readonly remote = false;
  readonly url: CacheUrl;

  constructor(url: CacheUrl) {
    this.url = url;
  }

  async readSmall(name: string, limit: number): Promise<SmallAnswer> {
    const file = await this.#open(this.#resolve(name));
    if (file === undefined) return { status: 'missing', cacheControl: null };
    try {
      const { size } = await file.stat();
      if (size > limit) throw cacheFailure(this.url.text, `it has more than ${limit} bytes`, { local: true });
      return { status: 'found', bytes: await file.readFile(), cacheControl: null };
    } finally {
      await file.close();
    }
  }

  async open(name: string, { offset }: Place): Promise<OpenFile | undefined> {
    const file = await this.#open(this.#resolve(name));
    if (file === undefined) return undefined;
    const { size } = await file.stat();
    return { bytes: file.createReadStream({ start: offset, highWaterMark: 256 * 1024 }), offset, size, version: null };
  }

  #resolve(name: string): string {
    const url = resolveInCache(this.url, name);
    if (url === undefined) throw cacheFailure(this.url.text, 'it has the archive outside of itself', { local: true });
    return url;
  }

  async #open(url: string): Promise<FileHandle | undefined> {
    try {
      // What is no file, a pipe for example, must not be waited for.
      const file = await open(fileURLToPath(url), constants.O_RDONLY | constants.O_NONBLOCK);
      if ((await file.stat()).isFile()) return file;
      await file.close();
      throw cacheFailure(this.url.text, 'something is there that is no file', { local: true });
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      if (code === 'cache-failed') throw error;
      throw cacheFailure(this.url.text, `it cannot be read: ${(error as Error).message}`, {
        local: true,
        cause: error,
      });
    }
  }
}
