/**
 * The way into the store: bytes of an archive, in order, each once, whichever cache they come from. A small archive is held
 * back until it is whole and right, so that another cache can make good what one did wrong.
 */
import { createHasher, equalHashes, formatPrefixedHash, type Hash, type Hasher } from '@cooper/hash';
import { cacheFailure } from './cache-failure.ts';
import type { Sink } from './sinks.ts';

/** The largest archive that is held back, in bytes. */
const mostHeld = 4 * 1024 * 1024;

export interface Expected {
  readonly narHash: Hash;
  /** Null where nobody vouches for it. */
  readonly narSize: number | null;
}

/** How an archive compares with what was signed, once it is whole. */
export type Measured = { readonly right: boolean; readonly actual: string };

export class Intake {
  readonly #expected: Expected;
  readonly #sink: Sink;
  readonly #holds: boolean;
  #held: Uint8Array[] = [];
  #hasher: Hasher = createHasher('sha256');
  #position = 0;

  constructor(expected: Expected, sink: Sink) {
    this.#expected = expected;
    this.#sink = sink;
    this.#holds = expected.narSize !== null && expected.narSize <= mostHeld;
  }

  /** Bytes that have been taken in. */
  get position(): number {
    return this.#position;
  }

  /** Whether the store has stopped listening: it says why, not we. */
  get refused(): boolean {
    return this.#sink.refused;
  }

  /**
   * Takes what an archive has at `offset`, as far as it is new. Resolves when `bytes` are no longer needed. Throws
   * `cache-failed` where it is more than was signed.
   */
  async take(bytes: Uint8Array, offset: number, source: string): Promise<void> {
    const end = offset + bytes.length;
    const { narSize } = this.#expected;
    if (narSize !== null && end > narSize) {
      throw cacheFailure(source, `it sends more than the ${narSize} bytes that were signed`, { local: true });
    }
    if (end <= this.#position) return;
    const fresh = offset === this.#position ? bytes : bytes.subarray(this.#position - offset);
    this.#position = end;
    this.#hasher.update(fresh);
    if (this.#holds) this.#held.push(Buffer.from(fresh));
    else await this.#sink.write(fresh);
  }

  /**
   * The archive is whole. What was held back goes on its way, if it is right; else it is forgotten, and another one may be
   * taken in if that is `again`.
   */
  async finish(): Promise<Measured & { readonly again: boolean }> {
    const hash = this.#hasher.digest();
    const { narHash, narSize } = this.#expected;
    const right = (narSize === null || this.#position === narSize) && equalHashes(hash, narHash);
    if (right) await this.#deliver();
    else if (this.#holds) this.#reset();
    return { right, actual: formatPrefixedHash(hash, 'base16'), again: !right && this.#holds };
  }

  /** Forgets what was held back of a source that has failed: nobody knows whether it was right. */
  startAgain(): void {
    if (this.#holds) this.#reset();
  }

  close(): void {
    this.#sink.close();
  }

  #reset(): void {
    this.#held = [];
    this.#hasher = createHasher('sha256');
    this.#position = 0;
  }

  async #deliver(): Promise<void> {
    if (this.#held.length > 0) await this.#sink.write(Buffer.concat(this.#held));
    this.#held = [];
    await this.#sink.end();
  }
}
