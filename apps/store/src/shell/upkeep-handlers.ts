/** Answers the calls about the long life of the store: roots and collection. */

import { fromBytes } from '@cooper/byte-string';
import type { Settings } from '@cooper/config';
import type { CollectionWish, Collector } from './collector.ts';
import type { KeepingRules } from './garbage.ts';
import { addIndirectRoot } from './indirect-root.ts';
import { optimiseStore } from './optimisation.ts';
import { parsePaths, type StoreHandlers } from './query-handlers.ts';
import type { RootFinder } from './root-finder.ts';
import { vacuumDatabase } from './vacuum.ts';
import { Verification } from './verification.ts';
import type { World } from './world.ts';

export interface Upkeep {
  readonly settings: Settings;
  readonly roots: RootFinder;
  readonly collector: Collector;
}

export type UpkeepCalls = 'addIndirectRoot' | 'findRoots' | 'collectGarbage' | 'verify' | 'optimise' | 'vacuum';

export function upkeepHandlers(world: World, upkeep: Upkeep): Pick<StoreHandlers, UpkeepCalls> {
  const { settings, roots, collector } = upkeep;
  return {
    addIndirectRoot: ({ file }) => {
      const current = addIndirectRoot(world.store.path, settings.directories.state, fromBytes(file));
      if (current !== undefined) world.protections.add([current]);
      return {};
    },
    findRoots: async () => ({ roots: await roots.list() }),
    collectGarbage: async (params, call) => {
      const wish: CollectionWish = {
        action: params.action,
        paths: parsePaths(world, params.paths ?? []),
        maxFreed: params.maxFreed ?? Number.POSITIVE_INFINITY,
        keepOutputs: params.keepOutputs ?? keepingRules(settings).keepOutputs,
        keepDerivations: params.keepDerivations ?? keepingRules(settings).keepDerivations,
      };
      return { bytesFreed: await collector.collect(wish, call) };
    },
    verify: ({ contents }, call) => new Verification(world, call).run(contents),
    optimise: (_params, call) => optimiseStore(world, call),
    vacuum: () => vacuumDatabase(settings.directories.database, world.transactions),
  };
}

/** What outputs and derivations keep of each other, where a call says nothing of it. */
export function keepingRules(settings: Settings): KeepingRules {
  return {
    keepOutputs: settings['gc-keep-outputs'] === 'yes',
    keepDerivations: settings['gc-keep-derivations'] === 'yes',
  };
}
