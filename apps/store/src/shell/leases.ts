/** Leases: paths that a channel needs for as long as it lives. */
import type { StorePath } from '@cooper/store-path';

export class Leases {
  readonly #byChannel = new Map<number, Set<StorePath>>();

  add(channel: number, paths: readonly StorePath[]): void {
    const leased = this.#byChannel.get(channel) ?? new Set();
    for (const path of paths) leased.add(path);
    this.#byChannel.set(channel, leased);
  }

  release(channel: number): void {
    this.#byChannel.delete(channel);
  }

  /** Every path that some channel has leased. */
  *all(): Iterable<StorePath> {
    for (const paths of this.#byChannel.values()) yield* paths;
  }
}
