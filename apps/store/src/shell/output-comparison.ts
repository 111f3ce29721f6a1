/**
 * Holds what a build made against another version of it: what is registered (mode `check`), or what the round before made.
 * Throws a rejection where they are not the same: it names every output that differs, and the files.
 */
import { fromText, toBytes } from '@cooper/byte-string';
import type { Difference, OutputPath } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import { treeComparing } from '@cooper/nar-files';
import { inSlices } from '@cooper/process';
import { isStorePath, type StorePath } from '@cooper/store-path';
import { buildMessages } from '../core/build-messages.ts';
import { Rejection } from '../core/rejection.ts';
import type { PreparedBuild, Version } from './build.ts';
import { exchange } from './placement.ts';
import { type Location, moveEntry, statusOf } from './store-directory.ts';
import type { World } from './world.ts';

/** How many files that differ are named. */
const namedFiles = 100;

/** Two versions of one output. */
interface Pair {
  readonly path: StorePath;
  readonly before: Location;
  readonly after: Location;
}

/** Keeps what somebody may want to look at, and tells the path of the version that is not the output's own. */
type Keep = (pair: Pair) => StorePath | undefined;

export interface Comparison {
  readonly made: readonly Version[];
  /** Versions that differ stay. */
  readonly keeps: boolean;
}

/** Compares what a build in mode `check` made with what is registered. What is kept lies at `-check`. */
export async function compareWithValid(world: World, build: PreparedBuild, { made, keeps }: Comparison): Promise<void> {
  const infos = world.paths.infos(made.map(({ info }) => info.path)).filter((info) => info !== null);
  const before = infos.map((info) => ({ info, location: world.store.locate(info.path) }));
  const keep: Keep = ({ path, after }) => keepBeside(world, path, after);
  const differences = await differencesOf(build, pairs(before, made), keeps ? keep : undefined);
  reject(differences, buildMessages.notDeterministic(build.path, differences));
}

/** Compares two rounds. What is kept lies at `-check` (the earlier) and at the path itself (the later). */
export async function compareRounds(world: World, build: PreparedBuild, { made, keeps }: Comparison): Promise<void> {
  const keep: Keep = ({ path, before, after }) => {
    build.kept.add(path);
    const place = world.store.locate(path);
    if (statusOf(place) === undefined) moveEntry(after, place);
    return keepBeside(world, path, before);
  };
  const differences = await differencesOf(build, pairs(build.round, made), keeps ? keep : undefined);
  reject(differences, buildMessages.roundsDiffer(build.path, differences));
}

/** Takes away what was kept of these outputs earlier: they are the same now. */
export function discardKept({ paths, staging, store }: World, outputs: readonly OutputPath[]): void {
  for (const { path } of outputs) {
    const kept = keptPath(store.path, path);
    if (kept !== undefined && !paths.isValid(kept)) staging.discard(store.locate(kept));
  }
}

/** What differs, in the order of `made`. */
function pairs(before: readonly Version[], made: readonly Version[]): Pair[] {
  const versions = new Map(before.map((version) => [version.info.path, version]));
  return made.flatMap(({ info: { path, narHash }, location }) => {
    const version = versions.get(path);
    const isSame = version === undefined || version.info.narHash === narHash;
    return isSame ? [] : [{ path, before: version.location, after: location }];
  });
}

async function differencesOf(
  { missing }: PreparedBuild,
  differing: readonly Pair[],
  keep: Keep | undefined,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const pair of differing) {
    const output = missing.find(({ path }) => path === pair.path) as OutputPath;
    const files = await differingFiles(pair);
    const kept = keep?.(pair);
    differences.push({ output, files, ...(kept === undefined ? {} : { kept }) });
  }
  return differences;
}

async function differingFiles({ before, after }: Pair): Promise<Uint8Array[]> {
  // A valid item that is gone, or by now something that no item can be, differs as a whole.
  const whole = [toBytes(fromText(''))];
  if (statusOf(before) === undefined) return whole;
  try {
    return (await inSlices(treeComparing(before, after, namedFiles))).map(toBytes);
  } catch (error) {
    if (isFault(error) && error.code !== 'file-system-error') return whole;
    throw error;
  }
}

/** Puts a version of the output `path` beside it, in the place of one that was kept earlier. */
function keepBeside(world: World, path: StorePath, version: Location): StorePath | undefined {
  const kept = keptPath(world.store.path, path);
  if (kept === undefined || world.paths.isValid(kept)) return undefined;
  exchange(world, version, world.store.locate(kept));
  world.pass('kept');
  return kept;
}

/** Nothing where the name becomes too long for a store path. */
function keptPath(storeDir: string, path: StorePath): StorePath | undefined {
  const kept = `${path}-check`;
  return isStorePath(storeDir, kept) ? kept : undefined;
}

function reject(differences: readonly Difference[], message: string): void {
  const [first] = differences;
  if (first === undefined) return;
  throw new Rejection('not-deterministic', message, { output: first.output, differences });
}
