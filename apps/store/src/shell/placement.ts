/**
 * The last steps of every item: to its place in the store directory, and into the database. All items that are placed
 * together are registered in one transaction; when anything fails, none is, and nothing of them stays in the store.
 */

import { inSlices } from '@cooper/process';
import { RENAME_EXCHANGE } from '@cooper/system-calls';
import type { NewPath } from './registrar.ts';
import { type Location, moveEntry } from './store-directory.ts';
import type { World } from './world.ts';

/** An item that is complete and canonical. */
export interface FinishedItem {
  readonly info: NewPath;
  /** Makes it lie at its place, where nothing lies now. */
  put(): void;
}

/** An item that lies in staging. */
export function stagedItem(world: World, info: NewPath, staged: Location): FinishedItem {
  return { info, put: () => moveEntry(staged, world.store.locate(info.path)) };
}

/** Puts `items`, whose places are claimed, where they belong, and registers them. */
export async function placeItems(world: World, items: readonly FinishedItem[]): Promise<void> {
  try {
    await inSlices(putting(world, items));
    world.pass('moved');
    if (world.syncs) world.store.sync();
    await world.registrar.register(items.map((item) => item.info));
  } catch (error) {
    for (const { info } of items) world.staging.discard(world.store.locate(info.path));
    throw error;
  }
  world.pass('registered');
}

function* putting(world: World, items: readonly FinishedItem[]): Generator<void, void, void> {
  for (const [index, item] of items.entries()) {
    item.put();
    if (index === 0) world.pass('partly-moved');
    yield;
  }
}

/**
 * Puts a repaired item in the place of the bad one, in one step: at any moment one of the two is there. The bad one is
 * then where the repaired one was staged.
 */
export async function replaceItem(world: World, info: NewPath, staged: Location): Promise<void> {
  const place = world.store.locate(info.path);
  moveEntry(staged, place, world.store.status(info.path) === undefined ? 0 : RENAME_EXCHANGE);
  await world.registrar.register([info]);
}
