/**
 * Sites of builds whose builder has succeeded, and whose directory is wanted if they fail after all: the store may yet
 * refuse what was made. Until that is known, nobody else gets the user and the directory.
 */
import { Fault } from '@cooper/fault';
import type { Site } from './site.ts';

interface HeldSite {
  readonly site: Site;
  /** Gives back what the site does not own. */
  readonly release: () => void;
}

export class HeldSites {
  readonly #held = new Map<number, HeldSite>();
  #last = 0;

  /** Holds the site, and gives the number to settle it by. */
  hold(held: HeldSite): number {
    this.#held.set(++this.#last, held);
    return this.#last;
  }

  /** Keeps the directory of a build that failed, removes all else. Throws the fault `unknown-build`. */
  async settle(held: number, failed: boolean): Promise<{ readonly keptDirectory?: Uint8Array }> {
    const found = this.#held.get(held);
    if (found === undefined) throw new Fault('unknown-build', `no build is held as ${held}`, { held });
    this.#held.delete(held);
    try {
      return failed ? await found.site.keepDirectory() : {};
    } finally {
      await found.site.clear();
      found.release();
    }
  }

  /** Removes them all: nobody is left to say what became of them. */
  async clear(): Promise<void> {
    await Promise.all([...this.#held.keys()].map((held) => this.settle(held, false)));
  }
}
