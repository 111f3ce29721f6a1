/**
 * A claim on paths that are about to appear: they stand in the journal, and their locks are held. Whoever has it may take
 * away what lies at these places unregistered, and put items there.
 */

import { inSlices } from '@cooper/process';
import type { StorePath } from '@cooper/store-path';
import type { JournalEntry } from './journal.ts';
import { PathLocks } from './path-lock.ts';
import type { World } from './world.ts';

export class Claim implements Disposable, AsyncDisposable {
  readonly #world: World;
  readonly #entry: JournalEntry;
  readonly #locks: PathLocks;

  private constructor(world: World, paths: readonly StorePath[]) {
    this.#world = world;
    this.#locks = new PathLocks(world.store.descriptor, world.spareLockFiles);
    this.#entry = world.journal.open(paths);
  }

  /**
   * The claim on all of `paths`; or one of them, where somebody else has its lock. `beside` are paths that nobody uses
   * who has not claimed `paths`: they stand in the journal, and need no lock.
   */
  static take(world: World, paths: readonly StorePath[], beside: readonly StorePath[] = []): Claim | StorePath {
    const claim = new Claim(world, [...paths, ...beside]);
    try {
      const locked = claim.#locks.take(paths);
      if (locked === undefined) {
        world.pass('claimed');
        return claim;
      }
      claim[Symbol.dispose]();
      return locked;
    } catch (error) {
      claim[Symbol.dispose]();
      throw error;
    }
  }

  /** The claim on all of `paths`, as soon as nobody else has the lock of one. */
  static async wait(world: World, paths: readonly StorePath[]): Promise<Claim> {
    const claim = new Claim(world, paths);
    try {
      await claim.#locks.wait(paths);
      world.pass('claimed');
      return claim;
    } catch (error) {
      claim[Symbol.dispose]();
      throw error;
    }
  }

  /** Keeps `paths` from collection for as long as the claim lasts. */
  keep(paths: readonly StorePath[]): Promise<void> {
    return this.#world.leases.keep(this, paths);
  }

  /** All of its paths are registered, or nothing lies there. */
  [Symbol.dispose](): void {
    // The entry goes last: by it a start finds the lock files, too.
    this.#locks.release();
    this.#entry.close();
    this.#world.leases.end(this);
  }

  /** The same, of many paths. */
  async [Symbol.asyncDispose](): Promise<void> {
    await inSlices(this.#locks.releasing());
    this.#entry.close();
    this.#world.leases.end(this);
  }
}
