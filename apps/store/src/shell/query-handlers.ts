/** Answers questions: what is valid, what is known of it, what leads to what. */
import type { StoredDerivation, storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Handlers } from '@cooper/ipc';
import { inSlices } from '@cooper/process';
import { isDerivationPath, parseStorePath, type StorePath } from '@cooper/store-path';
import { closing, type Neighbours } from '../core/closure.ts';
import type { World } from './world.ts';

export type StoreHandlers = Handlers<typeof storeContract>;
type Queries = Extract<keyof StoreHandlers, `query${string}`>;

/** How many paths go in one question to the database, and in one item of a stream. */
const batch = 500;

/** Holds paths against our own store directory: the contract checks only their shape. Throws `invalid-store-path`. */
export function parsePaths({ store }: World, paths: readonly string[]): StorePath[] {
  return paths.map((path) => parseStorePath(store.path, path));
}

/** The same; all must be valid. Throws the fault `path-not-valid`. */
export function parseValidPaths(world: World, texts: readonly string[]): StorePath[] {
  const paths = parsePaths(world, texts);
  const path = world.paths.firstInvalid(paths);
  if (path !== undefined) throw new Fault('path-not-valid', `path \`${path}' is not valid`, { path });
  return paths;
}

export function queryHandlers(world: World): Pick<StoreHandlers, Queries> {
  const { paths, store } = world;
  return {
    queryPathInfos: async (params) => ({
      infos: await inBatches(parsePaths(world, params.paths), (asked) => paths.infos(asked)),
    }),
    queryValidPaths: async (params) => ({
      paths: await inBatches(parsePaths(world, params.paths), (asked) => paths.valid(asked)),
    }),
    queryAllValidPaths: async (_params, call) => {
      for (let last: StorePath | '' = ''; !call.signal.aborted; ) {
        const next: StorePath[] = paths.after(last, batch);
        if (next.length > 0) await call.send({ paths: next });
        if (next.length < batch) break;
        last = next.at(-1) as StorePath;
      }
      return {};
    },
    queryReferrers: async (params) => ({
      referrers: await inBatches(parsePaths(world, params.paths), (asked) => paths.referrers(asked)),
    }),
    queryDerivers: async (params) => ({
      derivers: await inBatches(parsePaths(world, params.paths), (asked) => paths.derivers(asked)),
    }),
    queryDerivationOutputs: async (params) => ({
      outputs: await outputsOf(world, parsePaths(world, params.paths)),
    }),
    queryFailedPaths: (params) => ({
      failures: world.failures.query(params.paths && parsePaths(world, params.paths)),
    }),
    queryClosure: async ({ paths: from, ...how }) => {
      const roots = parseValidPaths(world, from);
      return { paths: await inSlices(closing(roots, neighbours(world, how))) };
    },
    queryPathFromHashPart: ({ hashPart }) => ({ path: paths.withPrefix(`${store.path}/${hashPart}-`) }),
    queryDerivations: async (params) => ({
      derivations: await inSlices(readingDerivations(world, parsePaths(world, params.paths))),
    }),
  };
}

/** These paths, and what the derivations among them make. */
export async function withOutputPaths(world: World, paths: readonly StorePath[]): Promise<readonly StorePath[]> {
  const outputs = await outputsOf(world, paths);
  return [...paths, ...outputs.flat().map(({ path }) => path)];
}

function outputsOf({ paths }: World, derivations: readonly StorePath[]) {
  return inBatches(derivations, (asked) => paths.outputs(asked));
}

/** Asks the database about a long list in parts, so that others are answered between two. */
function inBatches<T>(asked: readonly StorePath[], ask: (part: readonly StorePath[]) => readonly T[]): Promise<T[]> {
  return inSlices(asking(asked, ask));
}

function* asking<T>(
  asked: readonly StorePath[],
  ask: (part: readonly StorePath[]) => readonly T[],
): Generator<void, T[], void> {
  const answers: T[] = [];
  for (let from = 0; from < asked.length; from += batch) {
    for (const answer of ask(asked.slice(from, from + batch))) answers.push(answer);
    yield;
  }
  return answers;
}

interface Direction {
  readonly direction?: 'references' | 'referrers';
  readonly includeOutputs?: boolean;
}

function neighbours({ paths }: World, { direction, includeOutputs }: Direction): Neighbours {
  const next: Neighbours =
    direction === 'referrers' ? (path) => paths.referrersOf(path) : (path) => paths.referencesOf(path);
  if (!includeOutputs) return next;
  return (path) => (isDerivationPath(path) ? [...next(path), ...paths.validOutputsOf(path)] : next(path));
}

function* readingDerivations(world: World, asked: readonly StorePath[]): Generator<void, StoredDerivation[], void> {
  const valid = new Set(world.paths.valid(asked));
  const validOutputs = world.paths.validOutputs(asked);
  const read: StoredDerivation[] = [];
  for (const [index, path] of asked.entries()) {
    const contents = valid.has(path) ? world.derivations.contents(path) : null;
    read.push({ path, contents, validOutputs: validOutputs[index] ?? [] });
    yield;
  }
  return read;
}
