/** A cache, what is known of how it fares, and who waits for it. */
import { isFault } from '@cooper/fault';
import { afterAnswer, afterFailure, afterTransfer, type Health, isResting, unknownHealth } from '../core/health.ts';
import type { Cache } from './cache.ts';
import { cacheFailure, isBroken } from './cache-failure.ts';

/** How many small files are asked for at once: of a cache that answers, and of one of which that is not known. */
const mostAtOnce = { ofOneThatAnswers: 256, else: 64 } as const;

/** How often, and after how many ms, what a broken connection took with it is asked for again. */
const again = [20, 200];

export class KnownCache {
  readonly cache: Cache;
  #health: Health = unknownHealth;
  #lies = 0;
  #answers = false;
  #heard = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(cache: Cache) {
    this.cache = cache;
  }

  get name(): string {
    return this.cache.url.text;
  }

  /** 0 for one that nothing speaks against: the larger, the later it is asked for archives. */
  get distrust(): number {
    return this.#lies * 2 + (this.resting ? 1 : 0);
  }

  get hasLied(): boolean {
    return this.#lies > 0;
  }

  get resting(): boolean {
    return isResting(this.#health, Date.now());
  }

  /** When it last answered anything, in ms since 1970. */
  get heard(): number {
    return this.#heard;
  }

  /** Bytes a second that have come from it; null when that is not known. */
  get speed(): number | null {
    return this.#health.speed;
  }

  /**
   * Does something small with the cache, in its turn, if it is still wanted and the cache is worth asking then; nothing
   * otherwise. Throws `cache-failed`.
   */
  async ask<T>(task: () => Promise<T>, isWanted: () => boolean): Promise<T | undefined> {
    await this.#turn();
    try {
      return isWanted() && !this.resting ? await this.#insist(task) : undefined;
    } finally {
      this.#running--;
      this.#wake();
    }
  }

  /** A failure of the cache itself, not of one of its answers, is remembered. */
  failed(error: unknown): void {
    if (!isFault(error, 'cache-failed') || error.facts['local'] === true) return;
    // One event may break many connections: what was under way at the time says nothing new.
    if (this.resting) return;
    this.#answers = false;
    this.#health = afterFailure(this.#health, Date.now(), error.facts['rest'] as number | null);
  }

  /** What it gave was not what it had to be: it comes after all others from now on. `weight`: how sure that is. */
  lied(weight: number): void {
    this.#lies += weight;
  }

  answered(): void {
    this.#answers = true;
    this.#heard = Date.now();
    this.#health = afterAnswer(this.#health);
  }

  transferred(bytes: number, duration: number): void {
    this.#health = afterTransfer(this.#health, bytes, duration);
  }

  async #turn(): Promise<void> {
    if (this.#running < this.#most) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    while (this.#running < this.#most && this.#waiting.length > 0) {
      this.#running++;
      this.#waiting.shift()?.();
    }
  }

  get #most(): number {
    return this.#answers ? mostAtOnce.ofOneThatAnswers : mostAtOnce.else;
  }

  async #insist<T>(task: () => Promise<T>): Promise<T> {
    for (const delay of again) {
      try {
        return this.#note(await task());
      } catch (error) {
        // Servers close kept connections when they like: that is no failure, unless it goes on.
        if (!isBroken((error as Error).cause)) throw this.#noted(error);
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
    }
    try {
      return this.#note(await task());
    } catch (error) {
      throw this.#noted(error);
    }
  }

  #note<T>(result: T): T {
    this.answered();
    return result;
  }

  #noted(error: unknown): unknown {
    this.failed(error);
    return isFault(error) ? error : cacheFailure(this.name, (error as Error).message, { cause: error });
  }
}
