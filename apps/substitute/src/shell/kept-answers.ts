/**
 * What caches said of paths, on disk, until its time is over: a file for each answer, whole or not there. Nothing in it is
 * believed: a narinfo counts by its signature, at each use.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { Log } from '@cooper/log';

export interface KeptAnswer {
  /** Null: the cache does not have the path. */
  readonly narinfo: Uint8Array | null;
  /** In ms since 1970. */
  readonly expires: number;
}

/** How many answers are kept at most; and how many may come in between looking. */
const most = 50_000;
const between = 5000;

const separator = 0x0a;

export class KeptAnswers {
  readonly #directory: string;
  readonly #log: Log;
  readonly #made = new Set<string>();
  readonly #writing = new Set<Promise<void>>();
  #untilTidying = 0;
  #broken = false;

  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** What the cache said of the path with this hash part; nothing when it is to be asked. */
  async find(cache: string, hashPart: string): Promise<KeptAnswer | undefined> {
    try {
      const bytes = await readFile(this.#file(cache, hashPart));
      const answer = parse(bytes);
      return answer !== undefined && answer.expires > Date.now() ? answer : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#complain(error);
      return undefined;
    }
  }

  /** Keeps an answer. Returns at once: that a disk is slow, or full, is no reason to wait. */
  keep(cache: string, hashPart: string, answer: KeptAnswer): void {
    const written = this.#write(cache, hashPart, answer)
      .catch((error: unknown) => this.#complain(error))
      .finally(() => this.#writing.delete(written));
    this.#writing.add(written);
  }

  /** The answer was not true. */
  async forget(cache: string, hashPart: string): Promise<void> {
    await rm(this.#file(cache, hashPart), { force: true });
  }

  /** Resolves when everything is written. */
  async settle(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async #write(cache: string, hashPart: string, { narinfo, expires }: KeptAnswer): Promise<void> {
    const directory = this.#place(cache);
    if (!this.#made.has(directory)) {
      await mkdir(directory, { recursive: true, mode: 0o755 });
      this.#made.add(directory);
    }
    const head = `${JSON.stringify({ cache: cache.split(' ')[0], expires, found: narinfo !== null })}\n`;
    const draft = `${directory}/.${randomUUID()}`;
    await writeFile(draft, narinfo === null ? head : Buffer.concat([Buffer.from(head), narinfo]));
    await rename(draft, this.#file(cache, hashPart));
    if (this.#untilTidying-- > 0) return;
    this.#untilTidying = between;
    await this.#tidy();
  }

  /** Removes what is out of date, leftovers of writers that died, and the oldest of what is too much. */
  async #tidy(): Promise<void> {
    const now = Date.now();
    const kept: { readonly file: string; readonly time: number }[] = [];
    for (const name of await readdir(this.#directory, { recursive: true })) {
      const file = `${this.#directory}/${name}`;
      const facts = await stat(file).catch(() => undefined);
      if (facts === undefined || facts.isDirectory()) continue;
      const isDraft = (name.split('/').at(-1) ?? '').startsWith('.');
      const time = facts.mtimeMs;
      if (isDraft ? now - time > 60_000 : (await expiry(file)) <= now) await rm(file, { force: true });
      else if (!isDraft) kept.push({ file, time });
    }
    const oldest = kept.sort((a, b) => a.time - b.time).slice(0, Math.max(0, kept.length - most));
    for (const { file } of oldest) await rm(file, { force: true });
  }

  #place(cache: string): string {
    return `${this.#directory}/${createHash('sha256').update(cache).digest('hex').slice(0, 32)}`;
  }

  #file(cache: string, hashPart: string): string {
    return `${this.#place(cache)}/${hashPart}`;
  }

  /** Without it everything works, only slower: it is said once. */
  #complain(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#log.warning(`answers of caches cannot be kept: ${(error as Error).message}`);
  }
}

async function expiry(file: string): Promise<number> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  return parse(bytes)?.expires ?? 0;
}

function parse(bytes: Buffer): KeptAnswer | undefined {
  const end = bytes.indexOf(separator);
  const match = /^\{"cache":".*","expires":(\d{1,16}),"found":(true|false)\}$/.exec(
    bytes.toString('utf8', 0, Math.max(end, 0)),
  );
  if (match === null) return undefined;
  return { narinfo: match[2] === 'true' ? bytes.subarray(end + 1) : null, expires: Number(match[1]) };
}
