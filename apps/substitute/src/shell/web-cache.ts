/** A cache on a web server. */
import { type CacheUrl, resolveInCache } from '../core/cache-url.ts';
import type { Cache, OpenFile, Place, SmallAnswer } from './cache.ts';
import { cacheFailure, reasonOf } from './cache-failure.ts';
import { discard, type Web, type WebAnswer } from './web.ts';

/** How long, in ms, a small file may take, all in all. */
const patience = 20_000;

/** Files are wanted as they are. */
const plain = { 'accept-encoding': 'identity' };

export class WebCache implements Cache {
  readonly remote = true;
  readonly url: CacheUrl;
  readonly #web: Web;

  constructor(url: CacheUrl, web: Web) {
    this.url = url;
    this.#web = web;
  }

  async readSmall(name: string, limit: number, signal: AbortSignal): Promise<SmallAnswer> {
    const timed = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const { credentials } = this.url;
    const url = this.#resolve(name);
    const answer = await this.#web.request({ url, headers: plain, credentials, signal: timed, large: false });
    const cacheControl = answer.header('cache-control');
    if (isMissing(answer.status)) {
      discard(answer);
      return { status: 'missing', cacheControl };
    }
    if (answer.status !== 200) throw this.#unexpected(answer);
    return { status: 'found', bytes: await this.#collect(answer, limit, signal), cacheControl };
  }

  async open(name: string, { offset, version }: Place, signal: AbortSignal): Promise<OpenFile | undefined> {
    const url = this.#resolve(name);
    const range =
      offset === 0 ? {} : { range: `bytes=${offset}-`, ...(version === null ? {} : { 'if-range': version }) };
    const headers = { ...plain, ...range };
    const answer = await this.#web.request({ url, headers, credentials: this.url.credentials, signal, large: true });
    if (isMissing(answer.status)) {
      discard(answer);
      return undefined;
    }
    if (answer.status === 206 && offset > 0) return this.#part(answer, offset);
    if (answer.status !== 200) throw this.#unexpected(answer);
    return { bytes: answer.body, offset: 0, size: count(answer.header('content-length')), version: versionOf(answer) };
  }

  #resolve(name: string): string {
    const url = resolveInCache(this.url, name);
    if (url !== undefined) return url;
    throw cacheFailure(this.url.text, 'it has the archive where nothing may be fetched', { local: true });
  }

  #part(answer: WebAnswer, wanted: number): OpenFile {
    const [, from, size] = /^bytes (\d{1,15})-\d+\/(\d{1,15}|\*)$/.exec(answer.header('content-range') ?? '') ?? [];
    if (Number(from) !== wanted) throw this.#unexpected(answer);
    return { bytes: answer.body, offset: wanted, size: count(size ?? null), version: versionOf(answer) };
  }

  async #collect({ body, header }: WebAnswer, limit: number, signal: AbortSignal): Promise<Uint8Array> {
    const tooLong = () => cacheFailure(this.url.text, `it answers with more than ${limit} bytes`, { local: true });
    if ((count(header('content-length')) ?? 0) > limit) {
      body.destroy();
      throw tooLong();
    }
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > limit) throw tooLong();
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } catch (error) {
      if (signal.aborted || (error as { code?: unknown }).code === 'cache-failed') throw error;
      throw cacheFailure(this.url.text, reasonOf(error), { cause: error });
    }
  }

  #unexpected(answer: WebAnswer) {
    discard(answer);
    return cacheFailure(this.url.text, `it answers ${answer.status}`, { local: true });
  }
}

/** Stores of objects answer so for what is not there, if nobody may list what is. */
function isMissing(status: number): boolean {
  return status === 404 || status === 403 || status === 410;
}

function versionOf({ header }: WebAnswer): string | null {
  const tag = header('etag');
  return tag?.startsWith('"') ? tag : null;
}

function count(digits: string | null): number | null {
  return digits !== null && /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}
