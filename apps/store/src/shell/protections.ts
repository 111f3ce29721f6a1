/**
 * Tells a collection what must not go any more: paths that somebody has leased, registered or made a root while it is
 * under way. Whoever tells it does so before he relies on the path, and before he waits for anything: so a path that was
 * valid at that moment stays.
 */
import type { StorePath } from '@cooper/store-path';

type Listener = (paths: Iterable<StorePath>) => void;

export class Protections {
  readonly #listeners = new Set<Listener>();

  /** Keeps `paths`, and what they need, from every collection that is under way. */
  add(paths: Iterable<StorePath>): void {
    for (const listener of this.#listeners) listener(paths);
  }

  /** Calls `listener` at each addition, until the result is disposed of. */
  watch(listener: Listener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
