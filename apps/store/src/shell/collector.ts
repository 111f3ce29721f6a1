/**
 * Collects garbage, one collection at a time, beside everything else: marking is done in a thread (marking.ts), deletion
 * in small transactions, the removal from the disk in the background. Other programs on the same store wait meanwhile
 * before they add roots, by the locks of the reference.
 */
import { existsSync, unlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Call } from '@cooper/ipc';
import { inSlices } from '@cooper/process';
import { isStorePath, type StorePath } from '@cooper/store-path';
import { close, O_CREAT, O_RDWR, openPath, tryLock } from '@cooper/system-calls';
import { lendBallast } from './ballast.ts';
import { ForeignRoots } from './foreign-roots.ts';
import { Garbage, type KeepingRules } from './garbage.ts';
import { type Marking, markPaths } from './marking.ts';
import { itemBehind, Removal } from './removal.ts';
import type { RootFinder } from './root-finder.ts';
import type { FoundLink } from './root-links.ts';
import { isErrno } from './storage-fault.ts';
import type { World } from './world.ts';

type CollectCall = Pick<Call<typeof storeContract, 'collectGarbage'>, 'send' | 'signal'>;

export interface CollectionWish extends KeepingRules {
  readonly action: 'live' | 'dead' | 'delete-dead' | 'delete-specific';
  readonly paths: readonly StorePath[];
  /** In bytes. */
  readonly maxFreed: number;
}

export interface CollectorPlaces {
  readonly stateDir: string;
  readonly databaseDir: string;
}

/** How many paths are told at once. */
const portion = 500;

/** How long, in ms, to wait before the lock of another collector is asked for again. */
const interval = 100;

export class Collector {
  readonly #world: World;
  readonly #roots: RootFinder;
  readonly #places: CollectorPlaces;
  #last: Promise<unknown> = Promise.resolve();

  constructor(world: World, roots: RootFinder, places: CollectorPlaces) {
    this.#world = world;
    this.#roots = roots;
    this.#places = places;
  }

  /** Gives the bytes freed on disk. Throws the faults `path-is-live` and `cancelled`. */
  collect(wish: CollectionWish, call: CollectCall): Promise<number> {
    const collection = this.#last.then(() => this.#collect(wish, call));
    this.#last = collection.catch(() => undefined);
    return collection;
  }

  async #collect(wish: CollectionWish, call: CollectCall): Promise<number> {
    using _space = wish.action.startsWith('delete') ? lendBallast(this.#places.databaseDir) : undefined;
    const removal = await this.#locked(wish, call);
    if (removal === undefined) return 0;
    const freed = await removal.freed();
    if (!existsSync(`${this.#world.store.path}/.links`)) return freed;
    return freed + (await this.#world.deduplicator.removeUnused()).bytes;
  }

  async #locked(wish: CollectionWish, call: CollectCall): Promise<Removal | undefined> {
    using _gate = await this.#takeGate(call.signal);
    using garbage = new Garbage(this.#world.paths, wish, this.#world.protections);
    using foreign = await ForeignRoots.hold(this.#places.stateDir, String(process.pid));
    const links = await this.#roots.links();
    garbage.addRoots(await this.#roots.paths(links));
    garbage.addRoots(foreign.paths);
    const marking = await this.#mark(wish, garbage, call.signal);
    garbage.setDead(marking);
    await inSlices(garbage.settling());
    if (wish.action === 'live' || wish.action === 'dead') {
      await tell(wish.action === 'live' ? this.#live(marking, garbage) : this.#dead(marking, garbage), call);
      return undefined;
    }
    const removal = new Removal(this.#world, garbage, wish.maxFreed);
    if (wish.action === 'delete-specific') await this.#restrict(wish.paths, garbage);
    else removeStale(links);
    await this.#delete(wish, { marking, garbage, removal, call });
    return removal;
  }

  /** Keeps other programs from starting to add to the store, as the reference's collector does. */
  async #takeGate(signal: AbortSignal): Promise<Disposable> {
    const gate = openPath(`${this.#places.stateDir}/gc.lock`, O_RDWR | O_CREAT, 0o600);
    while (!tryLock(gate, true)) {
      await delay(interval);
      if (!signal.aborted) continue;
      close(gate);
      throw cancelled();
    }
    return { [Symbol.dispose]: () => close(gate) };
  }

  #mark(wish: CollectionWish, garbage: Garbage, signal: AbortSignal): Promise<Marking> {
    const { keepDerivations, keepOutputs, action } = wish;
    const { databaseDir } = this.#places;
    const storeDir = this.#world.store.path;
    const roots = [...garbage.roots];
    const order = { storeDir, databaseDir, roots, keepDerivations, keepOutputs, wantsLive: action === 'live' };
    return markPaths(order, signal).catch((error) => {
      throw signal.aborted ? cancelled() : error;
    });
  }

  #live(marking: Marking, garbage: Garbage): string[] {
    return [...marking.live, ...marking.leftovers.filter((path) => garbage.isKept(path))];
  }

  #dead(marking: Marking, garbage: Garbage): string[] {
    const isDead = (path: string) => !garbage.isKept(path) && !garbage.isKept(itemBehind(path));
    return [...garbage.dead.keys(), ...marking.leftovers.filter((path) => this.#isItem(path) && isDead(path))];
  }

  #isItem(path: string): boolean {
    return isStorePath(this.#world.store.path, path);
  }

  /** Of what was asked for, what is dead, with what refers to it. What is live is refused before anything goes. */
  async #restrict(paths: readonly StorePath[], garbage: Garbage): Promise<void> {
    const live = paths.find((path) => !garbage.dead.has(path) && this.#world.paths.isValid(path));
    if (live !== undefined) throw isLive(live);
    await inSlices(garbage.restricting(paths));
  }

  async #delete(wish: CollectionWish, work: Deletion): Promise<void> {
    const { garbage, removal, call } = work;
    const wanted = new Set<string>(wish.paths);
    const isWanted = (path: string) => wish.action === 'delete-dead' || wanted.has(path);
    await this.#deleteLeftovers(work.marking.leftovers.filter(isWanted), work);
    while (!removal.isEnough && (garbage.dead.size > 0 || !garbage.isSettled)) {
      if (call.signal.aborted) throw cancelled();
      await inSlices(garbage.settling());
      const paths = await removal.removeNext();
      if (paths.length > 0) await call.send({ paths, bytesFreed: removal.estimate });
    }
    const [kept] = this.#world.paths.valid(wish.paths);
    if (kept !== undefined) throw isLive(kept);
  }

  async #deleteLeftovers(leftovers: readonly string[], { removal, call }: Deletion): Promise<void> {
    for (let from = 0; from < leftovers.length && !removal.isEnough; from += portion) {
      if (call.signal.aborted) throw cancelled();
      const gone = await inSlices(removing(leftovers.slice(from, from + portion), removal));
      await call.send({
        paths: gone.filter((path) => this.#isItem(path)) as StorePath[],
        bytesFreed: removal.estimate,
      });
    }
  }
}

interface Deletion {
  readonly marking: Marking;
  readonly garbage: Garbage;
  readonly removal: Removal;
  readonly call: CollectCall;
}

function* removing(leftovers: readonly string[], removal: Removal): Generator<void, string[], void> {
  const gone: string[] = [];
  for (const path of leftovers) {
    if (removal.isEnough) break;
    if (removal.removeLeftover(path)) gone.push(path);
    yield;
  }
  return gone;
}

async function tell(paths: readonly string[], call: CollectCall): Promise<void> {
  for (let from = 0; from < paths.length && !call.signal.aborted; from += portion) {
    await call.send({ paths: paths.slice(from, from + portion) as StorePath[], bytesFreed: 0 });
  }
}

function removeStale(links: readonly FoundLink[]): void {
  for (const link of links) {
    if (link.type !== 'stale') continue;
    try {
      unlinkSync(Buffer.from(link.name, 'latin1'));
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
}

function isLive(path: StorePath): Fault {
  return new Fault('path-is-live', `cannot delete path \`${path}' since it is still alive`, { path });
}

function cancelled(): Fault {
  return new Fault('cancelled', 'the collection was cancelled');
}
