/**
 * Small substitutes, many together: each is judged and held against its narinfo by itself, and what is found good is
 * registered in one transaction. One that is refused, or whose lock somebody else holds, does not hold up the others.
 */
import type { SmallSubstituteEnd } from '@cooper/contracts';
import { type Fault, isFault } from '@cooper/fault';
import { inSlices } from '@cooper/process';
import type { StorePath } from '@cooper/store-path';
import { Claim } from './claim.ts';
import type { LeaseHolder } from './leases.ts';
import { placeItems, stagedItem } from './placement.ts';
import type { NewPath } from './registrar.ts';
import type { Location } from './store-directory.ts';
import { type AuthorisedSubstitute, restoreWhole, type Substitutes } from './substitutes.ts';
import { placeTree } from './trees.ts';
import { withOutputs } from './with-outputs.ts';
import type { World } from './world.ts';

export interface SmallSubstitute {
  readonly path: StorePath;
  readonly narinfo: Uint8Array;
  readonly archive: Uint8Array;
}

/** A substitute that was found good. */
interface Staged {
  readonly substitute: SmallSubstitute;
  readonly authorised: AuthorisedSubstitute;
  readonly info: NewPath;
  readonly location: Location;
}

type Tell = (end: SmallSubstituteEnd) => void;

export class SmallSubstitutes {
  readonly #world: World;
  readonly #substitutes: Substitutes;

  constructor(world: World, substitutes: Substitutes) {
    this.#world = world;
    this.#substitutes = substitutes;
  }

  /** Takes in those that are good, and leases all of them to the channel. Tells of each how it went. */
  async take(substitutes: readonly SmallSubstitute[], holder: LeaseHolder, tell: Tell): Promise<void> {
    await this.#world.leases.add(
      holder,
      substitutes.map(({ path }) => path),
    );
    const staged = new Set<Staged>();
    try {
      await inSlices(this.#staging(substitutes, staged, tell));
      this.#world.pass('staged');
      const { placed, left } = await this.#placeFree(staged);
      // Whoever hears of it finds no lock any more.
      this.#tellRegistered(pathsOf(placed), tell);
      for (const late of left) await this.#placeAlone(late, tell);
    } finally {
      for (const { location } of staged) this.#world.staging.discard(location);
    }
  }

  *#staging(substitutes: readonly SmallSubstitute[], staged: Set<Staged>, tell: Tell): Generator<void, void, void> {
    for (const substitute of substitutes) {
      try {
        const authorised = this.#substitutes.authorise({ ...substitute, mode: 'normal' });
        if (this.#substitutes.isDone(authorised)) this.#tellRegistered([substitute.path], tell);
        else this.#stage(substitute, authorised, staged);
      } catch (error) {
        if (!isFault(error)) throw error;
        tell(refused(substitute.path, error));
      }
      yield;
    }
  }

  #stage(substitute: SmallSubstitute, authorised: AuthorisedSubstitute, staged: Set<Staged>): void {
    const location = this.#world.staging.place();
    try {
      restoreWhole(authorised, substitute.archive, location);
      staged.add({ substitute, authorised, info: withOutputs(this.#world, authorised.info, location), location });
    } catch (error) {
      this.#world.staging.discard(location);
      throw error;
    }
  }

  /** Places those whose locks nobody else holds: none of them, where they cannot be placed together. */
  async #placeFree(staged: Set<Staged>): Promise<{ placed: readonly Staged[]; left: readonly Staged[] }> {
    const { free, busy, claim } = this.#claim([...staged]);
    await using _claim = claim;
    const fresh = free.filter(({ info }) => !this.#world.paths.isValid(info.path));
    try {
      this.#clear(fresh);
      this.#world.pass('canonical');
      const items = fresh.map(({ info, location }) => stagedItem(this.#world, info, location));
      await placeItems(this.#world, items);
    } catch (error) {
      // One of them may have lost what it refers to. Each by itself shows which.
      if (!isFault(error)) throw error;
      return { placed: [], left: [...free, ...busy] };
    }
    for (const item of fresh) staged.delete(item);
    return { placed: free, left: busy };
  }

  #claim(staged: readonly Staged[]): { free: readonly Staged[]; busy: readonly Staged[]; claim: Claim | null } {
    const busy: Staged[] = [];
    for (let free = staged; free.length > 0; ) {
      const claim = Claim.take(this.#world, pathsOf(free));
      if (claim instanceof Claim) return { free, busy, claim };
      busy.push(...free.filter(({ info }) => info.path === claim));
      free = free.filter(({ info }) => info.path !== claim);
    }
    return { free: [], busy, claim: null };
  }

  /** What another program has left unregistered goes. */
  #clear(fresh: readonly Staged[]): void {
    const { store, staging } = this.#world;
    for (const { info } of fresh) if (store.status(info.path) !== undefined) staging.discard(store.locate(info.path));
  }

  /** Waits for whoever has its lock. What was staged may be gone with an attempt that failed: it is restored anew. */
  async #placeAlone({ substitute, authorised, info }: Staged, tell: Tell): Promise<void> {
    const { staging } = this.#world;
    const location = staging.place();
    try {
      restoreWhole(authorised, substitute.archive, location);
      await placeTree(this.#world, info, location);
      this.#tellRegistered([info.path], tell);
    } catch (error) {
      if (!isFault(error)) throw error;
      tell(refused(info.path, error));
    } finally {
      staging.discard(location);
    }
  }

  #tellRegistered(paths: readonly StorePath[], tell: Tell): void {
    for (const info of this.#world.paths.infos(paths)) if (info !== null) tell({ status: 'registered', info });
  }
}

function pathsOf(staged: readonly Staged[]): StorePath[] {
  return staged.map(({ info }) => info.path);
}

function refused(path: StorePath, { code, message, facts }: Fault): SmallSubstituteEnd {
  const { expected, actual } = facts as { expected?: string; actual?: string };
  return {
    status: 'refused',
    path,
    code,
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  };
}
