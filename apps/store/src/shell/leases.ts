/**
 * Leases: paths that a channel needs for as long as it lives. They stand in the file of temporary roots, so that
 * collectors of other programs keep them, too.
 */
import type { StorePath } from '@cooper/store-path';
import type { TemporaryRoots } from './temporary-roots.ts';

export class Leases {
  readonly #roots: TemporaryRoots;
  readonly #byChannel = new Map<number, Set<StorePath>>();

  constructor(roots: TemporaryRoots) {
    this.#roots = roots;
  }

  /** Leases `paths` to a channel. When it resolves, nobody collects them. */
  async add(channel: number, paths: readonly StorePath[]): Promise<void> {
    const leased = this.#byChannel.get(channel) ?? new Set();
    this.#byChannel.set(channel, leased);
    for (const path of paths) leased.add(path);
    await this.#roots.add(paths);
  }

  /** The channel is gone. */
  release(channel: number): Promise<void> {
    this.#byChannel.delete(channel);
    return this.#roots.keepOnly(() => new Set(this.all()));
  }

  /** Every path that some channel has leased. */
  *all(): Iterable<StorePath> {
    for (const paths of this.#byChannel.values()) yield* paths;
  }
}
