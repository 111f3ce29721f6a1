/**
 * The last steps of every item: to its place in the store directory, and into the database. All items that are placed
 * together are registered in one transaction; when anything fails, none is, and what was there before is there again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { inSlices } from '@cooper/process';
import { RENAME_EXCHANGE } from '@cooper/system-calls';
import type { JournalEntry } from './journal.ts';
import { smallest } from './linked-files.ts';
import type { NewPath } from './registrar.ts';
import { isErrno } from './storage-fault.ts';
import { type Location, moveEntry, statusOf } from './store-directory.ts';
import type { World } from './world.ts';

/** An item that is complete and canonical. */
export interface FinishedItem {
  readonly info: NewPath;
  /** Makes it lie at its place, where nothing lies now but what it is to replace. */
  put(): void;
  /** Takes that back, done or not. */
  undo(): void;
  /** Called when it is registered, or was taken back. */
  end?(): void;
}

/** An item whose place is free; `put` makes it lie there. */
export function freshItem(world: World, info: NewPath, put: () => void): FinishedItem {
  return { info, put, undo: () => world.staging.discard(world.store.locate(info.path)) };
}

/** An item that lies in staging. */
export function stagedItem(world: World, info: NewPath, staged: Location): FinishedItem {
  return freshItem(world, info, () => moveEntry(staged, world.store.locate(info.path)));
}

/**
 * A repaired item, which lies in staging. It takes the place of the bad one, where there is one, in one step: at any moment
 * one of the two is there. The bad one is then where the repaired one was staged. The journal has what a start needs to go
 * on from there.
 */
export function replacingItem(world: World, info: NewPath, staged: Location): FinishedItem {
  const place = world.store.locate(info.path);
  let entry: JournalEntry | undefined;
  let isDone = false;
  return {
    info,
    put: () => {
      const { outputs: _derived, ...facts } = info;
      entry = world.journal.openReplacement({ info: facts, staged: staged.name });
      world.pass('replacing');
      exchange(world, staged, place);
      isDone = true;
    },
    undo: () => {
      if (isDone) exchange(world, staged, place);
    },
    end: () => {
      entry?.close();
      world.staging.discard(staged);
    },
  };
}

/** Puts `items`, whose places are claimed, where they belong, and registers them. */
export async function placeItems(world: World, items: readonly FinishedItem[]): Promise<void> {
  try {
    await inSlices(putting(world, items));
    world.pass('moved');
    if (world.syncs) world.store.sync();
    await world.registrar.register(items.map((item) => item.info));
  } catch (error) {
    for (const item of items) item.undo();
    throw error;
  } finally {
    for (const item of items) item.end?.();
  }
  world.pass('registered');
  await deduplicate(
    world,
    items.map(({ info }) => info),
  );
}

/** How long, in ms, whoever adds something waits until its files are shared. Most are by then; others are later. */
const sharingPatience = 200;

/** Has items share their files where there may be something to gain. The reference does so before it answers. */
async function deduplicate({ deduplicates, deduplicator, store }: World, infos: readonly NewPath[]): Promise<void> {
  const worthwhile = deduplicates ? infos.filter(({ narSize }) => narSize >= smallest) : [];
  if (worthwhile.length === 0) return;
  const shared = Promise.all(worthwhile.map(({ path }) => deduplicator.item(store.locate(path))));
  await Promise.race([shared, delay(sharingPatience, undefined, { ref: false })]);
}

function* putting(world: World, items: readonly FinishedItem[]): Generator<void, void, void> {
  for (const [index, item] of items.entries()) {
    item.put();
    if (index === 0) world.pass('partly-moved');
    yield;
  }
}

/** Has two entries change places; where one is not there, the other is moved. */
export function exchange({ staging }: World, one: Location, other: Location): void {
  try {
    if (statusOf(other) === undefined) moveEntry(one, other);
    else if (statusOf(one) === undefined) moveEntry(other, one);
    else moveEntry(one, other, RENAME_EXCHANGE);
  } catch (error) {
    if (!isErrno(error, 'EINVAL')) throw error;
    // A file system that cannot do it in one step: a start that finds neither puts the staged one there.
    const aside = staging.place();
    moveEntry(other, aside);
    moveEntry(one, other);
    moveEntry(aside, one);
  }
}
