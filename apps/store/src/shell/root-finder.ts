/** Finds every root: links, leases, the temporary roots of other programs, and what running programs use. */
import type { Root } from '@cooper/contracts';
import type { Log } from '@cooper/log';
import { inSlices } from '@cooper/process';
import type { StorePath } from '@cooper/store-path';
import { findBusyItems } from './busy-items.ts';
import { type FoundLink, findingLinks } from './root-links.ts';
import type { World } from './world.ts';

export interface RootPlaces {
  readonly stateDir: string;
  readonly runDir: string;
  readonly log: Log;
}

export class RootFinder {
  readonly #world: World;
  readonly #places: RootPlaces;

  constructor(world: World, places: RootPlaces) {
    this.#world = world;
    this.#places = places;
  }

  /** Every root of ours whose path is valid, sorted by name; those of other programs are not ours to tell. */
  async list(): Promise<Root[]> {
    const { leases, paths } = this.#world;
    const named = [...(await this.#busy()), ...(await this.links()).flatMap(asRoot)];
    const leased = Array.from(
      new Set(leases.all()),
      (path): Root => ({ name: Buffer.from('lease'), path, kind: 'lease' }),
    );
    const all = [...named, ...leased];
    const valid = new Set<string>(paths.valid([...new Set(all.map(({ path }) => path))]));
    return all
      .filter(({ path }) => valid.has(path))
      .sort((a, b) => Buffer.compare(a.name, b.name) || (a.path < b.path ? -1 : Number(a.path > b.path)));
  }

  /** The paths of all roots, valid or not, but for those of other programs. */
  async paths(links: readonly FoundLink[]): Promise<Set<StorePath>> {
    const busy = await this.#busy();
    const named = [...busy, ...links.flatMap(asRoot)].map(({ path }) => path);
    return new Set([...named, ...this.#world.leases.all()]);
  }

  /** What lies in the directories of roots. What cannot be read is said in the log. */
  async links(): Promise<FoundLink[]> {
    const links = await inSlices(findingLinks(this.#world.store.path, this.#places.stateDir));
    for (const link of links) {
      if (link.type === 'unreadable') this.#places.log.warning(`cannot read a possible root: ${link.problem}`);
    }
    return links;
  }

  async #busy(): Promise<Root[]> {
    const { store } = this.#world;
    const { runDir, log } = this.#places;
    const items = await findBusyItems({ storeDir: store.path, runDir, log });
    return items.map(({ name, path }) => ({ name: Buffer.from(name, 'latin1'), path, kind: 'process' }));
  }
}

function asRoot(link: FoundLink): Root[] {
  if (link.type !== 'root') return [];
  return [{ name: Buffer.from(link.name, 'latin1'), path: link.path, kind: link.kind }];
}
