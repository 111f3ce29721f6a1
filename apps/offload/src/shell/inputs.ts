/**
 * What a machine is known to have of our store, for as long as the way to it is open; and how it gets what it lacks: once,
 * however many builds want it at the same time.
 */
import type { StorePath } from '@cooper/store-path';

/** An item that a build needs, and its size as an archive. */
export interface Input {
  readonly path: StorePath;
  readonly size: number;
}

export interface InputSource {
  /** Tells which of these are not there, and cannot be had there in another way. */
  findMissing(paths: readonly StorePath[]): Promise<readonly StorePath[]>;
  /** Has these brought there, behind what of `closure` is on its way, to which they may refer; resolves when they have left. */
  send(inputs: readonly Input[], closure: readonly Input[]): Promise<void>;
}

/** What a build has to bring itself, of all that it needs. */
interface Errand {
  readonly mine: readonly Input[];
  readonly closure: readonly Input[];
}

/** What is so small is sent without asking: an answer would take longer. Bytes. */
const notWorthAsking = 64 * 1024;

export class Inputs {
  readonly #source: InputSource;
  readonly #present = new Set<StorePath>();
  readonly #coming = new Map<StorePath, Promise<void>>();

  constructor(source: InputSource) {
    this.#source = source;
  }

  /** Those that it is not known to have, and that nobody is bringing. */
  unknown(inputs: readonly Input[]): readonly Input[] {
    return inputs.filter(({ path }) => !this.#present.has(path) && !this.#coming.has(path));
  }

  /** Has all of `inputs` (references before referrers) there, or on their way. */
  async ensure(inputs: readonly Input[]): Promise<void> {
    for (;;) {
      const wanted = inputs.filter(({ path }) => !this.#present.has(path));
      if (wanted.length === 0) return;
      const others = new Set(wanted.flatMap(({ path }) => this.#coming.get(path) ?? []));
      const mine = wanted.filter(({ path }) => !this.#coming.has(path));
      await this.#bring({ mine, closure: inputs }, others);
    }
  }

  /** It has something after all that it made, or was sent for another reason. */
  add(paths: readonly StorePath[]): void {
    for (const path of paths) this.#present.add(path);
  }

  /** It lacks something that it was believed to have. */
  forget(): void {
    this.#present.clear();
  }

  /** Waits for what others bring, which `mine` may refer to, then brings those. Nobody waits for who comes later. */
  async #bring(errand: Errand, others: ReadonlySet<Promise<void>>): Promise<void> {
    const { mine } = errand;
    const done = this.#after(errand, others);
    for (const { path } of mine) this.#coming.set(path, done);
    try {
      await done;
    } finally {
      for (const { path } of mine) this.#coming.delete(path);
    }
  }

  async #after({ mine, closure }: Errand, others: ReadonlySet<Promise<void>>): Promise<void> {
    // Those whose work it is hear of its failure; what they did not bring is looked at again.
    await Promise.allSettled(others);
    if (mine.length === 0) return;
    const missing = isWorthAsking(mine) ? new Set(await this.#source.findMissing(mine.map(({ path }) => path))) : null;
    const toSend = missing === null ? mine : mine.filter(({ path }) => missing.has(path));
    if (toSend.length > 0) await this.#source.send(toSend, closure);
    this.add(mine.map(({ path }) => path));
  }
}

function isWorthAsking(inputs: readonly Input[]): boolean {
  return inputs.reduce((sum, { size }) => sum + size, 0) > notWorthAsking;
}
