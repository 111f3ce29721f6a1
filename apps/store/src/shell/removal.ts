/**
 * Deletes dead paths: out of the database and out of the store directory, in one go, so that nobody sees a valid path
 * that is not there, or takes one that is about to go for one that he may replace. What it takes to free the space is
 * done in the background.
 */
import { fromText } from '@cooper/byte-string';
import { removeTree } from '@cooper/nar-files';
import { isStorePath, type StorePath } from '@cooper/store-path';
import type { Statement } from 'better-sqlite3';
import type { DeadPath, Garbage } from './garbage.ts';
import { PathLocks } from './path-lock.ts';
import { statusOf } from './store-directory.ts';
import type { World } from './world.ts';

/** How many paths are deleted in one transaction: some milliseconds' worth. */
const batch = 64;

export class Removal {
  readonly #world: World;
  readonly #garbage: Garbage;
  readonly #limit: number;
  readonly #sweeps: Promise<number>[] = [];
  #estimate = 0;
  /** What is off the disk already. */
  #freed = 0;

  /** Stops once more than `limit` bytes are freed. */
  constructor(world: World, garbage: Garbage, limit: number) {
    this.#world = world;
    this.#garbage = garbage;
    this.#limit = limit;
  }

  /** The bytes freed so far: of directories, the size of the NAR. */
  get estimate(): number {
    return this.#estimate;
  }

  get isEnough(): boolean {
    return this.#limit === 0 || this.#estimate > this.#limit;
  }

  /** Resolves, when everything is off the disk, to the bytes freed there. */
  async freed(): Promise<number> {
    const each = await Promise.all(this.#sweeps);
    return each.reduce((sum, freed) => sum + freed, this.#freed);
  }

  /** Deletes the next paths, and gives them. None are left when none are given and the garbage is settled. */
  removeNext(): Promise<StorePath[]> {
    return this.#world.transactions.alone((connection) => {
      if (!this.#garbage.isSettled) return [];
      const chosen = this.#choose();
      using _entry = this.#journalled(chosen);
      const forget = connection.prepare<[string]>('delete from ValidPaths where path = ?');
      const forgotten = chosen.filter(({ path }) => isForgotten(forget, path));
      connection.exec('commit');
      this.#world.pass('forgotten');
      this.#trash(forgotten);
      this.#world.pass('trashed');
      return forgotten.map(({ path }) => path);
    });
  }

  /** As many as it takes, at most a batch. What they free is counted from now on. */
  #choose(): DeadPath[] {
    const chosen: DeadPath[] = [];
    for (const dead of this.#garbage.next(batch)) {
      if (this.isEnough) break;
      this.#garbage.settle(dead.path);
      this.#estimate += this.#sizeOf(dead);
      chosen.push(dead);
    }
    return chosen;
  }

  #sizeOf({ path, size }: DeadPath): number {
    const status = this.#world.store.status(path);
    if (status === undefined) return 0;
    if (status.type === 'directory') return size;
    return status.links === 1 ? status.size : 0;
  }

  #journalled(chosen: readonly DeadPath[]): Disposable {
    if (chosen.length === 0) return { [Symbol.dispose]: () => undefined };
    const entry = this.#world.journal.open(chosen.map(({ path }) => path));
    return { [Symbol.dispose]: () => entry.close() };
  }

  /** Only out of the way: a busy disk takes milliseconds to free a file, and everybody would wait for it. */
  #trash(forgotten: readonly DeadPath[]): void {
    const { staging, store } = this.#world;
    const bin = staging.openBin();
    try {
      for (const [index, { path }] of forgotten.entries()) {
        const location = store.locate(path);
        // No room for another name, but what is removed here and now makes some.
        if (!bin.throwIn(location) && store.status(path) !== undefined) this.#freed += removeTree(location);
        if (index === 0) this.#world.pass('partly-trashed');
      }
    } finally {
      this.#sweeps.push(bin.empty());
    }
  }

  /** Removes something that is in the store directory and not registered, unless somebody works on it. True when gone. */
  removeLeftover(path: string): boolean {
    const { store, staging, paths } = this.#world;
    if (isStorePath(store.path, path) && paths.isValid(path)) return false;
    using locked = this.#lock(path);
    if (locked === undefined) return false;
    const location = { directory: store.descriptor, name: fromText(path.slice(store.path.length + 1)) };
    const status = statusOf(location);
    if (status?.type !== 'directory' && status?.links === 1) this.#estimate += status.size;
    const sweep = staging.trash(location);
    if (sweep !== undefined) this.#sweeps.push(sweep);
    return sweep !== undefined;
  }

  /** The lock on what `path` is, or is the lock file or chroot of; nothing where somebody has it, or needs it. */
  #lock(path: string): Disposable | undefined {
    const item = itemBehind(path);
    if (this.#garbage.isKept(path) || this.#garbage.isKept(item)) return undefined;
    const locks = new PathLocks(this.#world.store.descriptor);
    if (!isStorePath(this.#world.store.path, item)) return { [Symbol.dispose]: () => undefined };
    if (locks.take([item]) !== undefined) return undefined;
    return { [Symbol.dispose]: () => locks.release() };
  }
}

/** False where something valid refers to it after all, which another program has registered. */
function isForgotten(forget: Statement<[string]>, path: StorePath): boolean {
  try {
    return forget.run(path).changes === 1;
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('SQLITE_CONSTRAINT')) return false;
    throw error;
  }
}

/** Lock files and the roots of sandboxes stand beside the item that they are for. */
export function itemBehind(path: string): string {
  return path.replace(/\.(lock|chroot)$/, '');
}
