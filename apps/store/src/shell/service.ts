/** Serves the store contract on one channel: from calls to the parts of the store, and back. */
import type { Duplex } from 'node:stream';
import type { PathInfo } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import { sendArchive, sendExport } from './archives-out.ts';
import { Builds } from './builds.ts';
import { corruptPaths } from './contents.ts';
import { Deliveries } from './deliveries.ts';
import { Imports } from './imports.ts';
import type { StoreParts } from './parts.ts';
import { parsePaths, parseValidPaths, queryHandlers, type StoreHandlers, withOutputPaths } from './query-handlers.ts';
import { signNarinfos } from './signed-narinfos.ts';
import { SmallSubstitutes } from './small-substitutes.ts';
import { storageFault } from './storage-fault.ts';
import { Substitutes } from './substitutes.ts';
import { Texts } from './texts.ts';
import { Trees } from './trees.ts';
import { upkeepHandlers } from './upkeep-handlers.ts';
import type { World } from './world.ts';

/** Serves the contract on a further stream, until it ends. */
export type ServeChannel = (stream: Duplex) => Promise<unknown>;

type Bulky =
  | 'addTree'
  | 'deliverOutputs'
  | 'dumpPath'
  | 'exportPaths'
  | 'importPaths'
  | 'importSubstitute'
  | 'importSmallSubstitutes';
type BuildCalls = 'prepareBuild' | 'registerOutputs' | 'abandonBuild';
type ContentCalls = 'checkContents' | 'addFailedPaths' | 'clearFailedPaths';

export class StoreService {
  readonly handlers: StoreHandlers;
  readonly #builds: Builds;

  constructor(parts: StoreParts, serveChannel: ServeChannel) {
    const { world, bulk, profiles, upkeep, storage } = parts;
    this.#builds = new Builds(world);
    const texts = new Texts(world);
    const handlers: StoreHandlers = {
      ...queryHandlers(world),
      ...bulkHandlers(parts),
      ...buildHandlers(world, this.#builds),
      ...upkeepHandlers(world, upkeep),
      ...contentHandlers(world),
      addTexts: async (params, call) => ({ paths: await texts.add(params.texts, call.channel) }),
      openChannel: async (_params, call) => {
        await bulk.serve(call, serveChannel);
        return {};
      },
      addUserProfile: ({ name, uid }) => {
        profiles.add(name, uid);
        return {};
      },
      addLeases: async ({ paths, outputs = false, group }, call) => {
        const asked = parsePaths(world, paths);
        await world.leases.add(call.channel, outputs ? await withOutputPaths(world, asked) : asked, group);
        return {};
      },
      signNarinfos: async (params) => ({
        narinfos: await signNarinfos(world, parts.keys, parsePaths(world, params.paths)),
      }),
      releaseLeases: async ({ groups = [] }, call) => {
        await world.leases.release(call.channel, groups);
        return {};
      },
    };
    this.handlers = explaining(handlers, (error) => storageFault(error, storage));
  }

  /** The channel is gone, none of its calls runs any more, and its builds go with it. */
  channelClosed(): void {
    this.#builds.close();
  }
}

function bulkHandlers({ world, bulk, keys, log }: StoreParts): Pick<StoreHandlers, Bulky> {
  const { paths, store } = world;
  const trees = new Trees(world);
  const imports = new Imports(world, keys);
  const deliveries = new Deliveries(world, keys);
  const substitutes = new Substitutes(world, keys, log);
  const smallOnes = new SmallSubstitutes(world, substitutes);
  return {
    addTree: async (wish, call) => {
      trees.check(wish);
      return { info: await bulk.serve(call, (socket) => trees.add(wish, socket, call.channel)) };
    },
    dumpPath: async ({ path }, call) => {
      using _kept = await world.leases.keeping(parsePaths(world, [path]));
      const [info] = paths.infos(parseValidPaths(world, [path])) as [PathInfo];
      await bulk.serve(call, (socket) => sendArchive(store, info, socket));
      return { narHash: info.narHash, narSize: info.narSize };
    },
    exportPaths: async (params, call) => {
      using _kept = await world.leases.keeping(parsePaths(world, params.paths));
      const infos = paths.infos(parseValidPaths(world, params.paths)) as PathInfo[];
      const key = params.sign ? keys.signingKey : undefined;
      await bulk.serve(call, (socket) => sendExport(store, { infos, key }, socket));
      return {};
    },
    importPaths: async ({ allowUnsigned }, call) => {
      const options = { allowUnsigned, holder: call.channel };
      return { paths: await bulk.serve(call, (socket) => imports.take(socket, options)) };
    },
    deliverOutputs: async ({ derivation }, call) => {
      const [path] = parsePaths(world, [derivation]) as [StorePath];
      const build = deliveries.find(path);
      return await bulk.serve(call, (socket) => deliveries.take(socket, build));
    },
    importSubstitute: async (wish, call) => {
      const [path] = parsePaths(world, [wish.path]) as [StorePath];
      const substitute = substitutes.authorise({ ...wish, path });
      if (substitutes.isDone(substitute)) return { info: paths.info(path) as PathInfo };
      return { info: await bulk.serve(call, (socket) => substitutes.take(substitute, socket, call.channel)) };
    },
    importSmallSubstitutes: async (params, call) => {
      parsePaths(
        world,
        params.substitutes.map(({ path }) => path),
      );
      const told: Promise<void>[] = [];
      await smallOnes.take(params.substitutes, call.channel, (end) => void told.push(call.send(end)));
      await Promise.all(told);
      return {};
    },
  };
}

function buildHandlers(world: World, builds: Builds): Pick<StoreHandlers, BuildCalls> {
  return {
    prepareBuild: async ({ derivation, mode, inPlace = false }, call) => {
      const [path] = parsePaths(world, [derivation]) as [StorePath];
      return builds.prepare({ path, mode, inPlace, holder: call.channel });
    },
    registerOutputs: ({ build, ...place }) => builds.register(build, place),
    abandonBuild: ({ build }) => {
      builds.abandon(build);
      return {};
    },
  };
}

function contentHandlers(world: World): Pick<StoreHandlers, ContentCalls> {
  return {
    checkContents: async (params, { signal }) => ({
      corrupt: await corruptPaths(world, parseValidPaths(world, params.paths), signal),
    }),
    addFailedPaths: async ({ failures }) => {
      const paths = parsePaths(
        world,
        failures.map(({ path }) => path),
      );
      await world.failures.add(failures.map(({ cause }, index) => ({ path: paths[index] as StorePath, cause })));
      return {};
    },
    clearFailedPaths: async (params) => {
      await world.failures.clear(params.paths && parsePaths(world, params.paths));
      return {};
    },
  };
}

/** `handlers`, with what they throw explained. */
function explaining(handlers: StoreHandlers, explain: (error: unknown) => unknown): StoreHandlers {
  type Handler = (params: unknown, call: unknown) => unknown;
  const explained = Object.entries(handlers).map(([name, handler]) => [
    name,
    async (params: unknown, call: unknown) => {
      try {
        return await (handler as Handler)(params, call);
      } catch (error) {
        throw explain(error);
      }
    },
  ]);
  return Object.fromEntries(explained) as StoreHandlers;
}
