/**
 * Takes the outputs of a build from where the builder left them. Each is judged there, out of sight; when all are good,
 * all are put in their places and registered. Throws a rejection where one is not good: then none is.
 */
import type { PathInfo, Registration } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import { closure } from '../core/closure.ts';
import { inOrder } from '../core/output-cycle.ts';
import { checkRules } from '../core/rule-check.ts';
import type { PreparedBuild } from './build.ts';
import { compareRounds, compareWithValid, discardKept } from './output-comparison.ts';
import { type MakingPlace, OutputDirectory } from './output-directory.ts';
import { type JudgedOutput, OutputJudge } from './output-judge.ts';
import { type FinishedItem, freshItem, placeItems, replacingItem, stagedItem } from './placement.ts';
import type { World } from './world.ts';

export interface OutputPlace extends MakingPlace {
  /** The user who must own everything. */
  readonly owner?: number;
  /** The same is to be built again, and compared. */
  readonly moreRounds?: boolean;
  /** Versions of outputs that differ stay for people to look at. */
  readonly keepDiffering?: boolean;
}

type Taken = Exclude<Registration, { status: 'rejected' }>;

/** Judges what `build` was to make, and compares or registers it. */
export async function takeOutputs(world: World, build: PreparedBuild, place: OutputPlace): Promise<Taken> {
  checkPlace(build, place);
  using directory = new OutputDirectory(world, build.directory, place);
  using judge = new OutputJudge(world, build, { directory, owner: place.owner });
  const made: JudgedOutput[] = [];
  for (const output of build.missing) made.push(await judge.judge(output));
  world.pass('canonical');
  const keeps = place.keepDiffering === true;
  if (build.mode === 'check') await compareWithValid(world, build, { made, keeps });
  else {
    checkAll(world, build, made);
    await compareRounds(world, build, { made, keeps });
  }
  if (keeps) discardKept(world, build.missing);
  if (build.mode === 'check') return { status: 'same' };
  return place.moreRounds ? keepRound(world, build, made) : await register(world, made);
}

/** Outputs that are valid already must not be where the builder made its own. */
function checkPlace({ derivation, inPlace, mode, missing }: PreparedBuild, place: OutputPlace): void {
  if (place.root !== undefined || place.storeDirectory !== undefined || inPlace) return;
  if (mode === 'normal' && missing.length === derivation.outputs.size) return;
  const message = 'a build of outputs that are valid must have a root of its own, or be prepared as one in place';
  throw new Fault('invalid-request', message, { mode });
}

function checkAll(world: World, build: PreparedBuild, made: readonly JudgedOutput[]): void {
  const sizes = new Map(made.map(({ info }) => [info.path, info.narSize]));
  const sizeOf = (path: StorePath) => sizes.get(path) ?? world.paths.info(path)?.narSize ?? 0;
  for (const { info, output } of made) {
    const { references, narSize: size } = info;
    const judged = { ...output, references, requisites: () => requisites(world, made, info), size, sizeOf };
    checkRules(build.derivation, world.store.path, judged);
  }
  inOrder(made.map(({ info }) => info));
}

/** Keeps what a round made, out of sight, until there is another to compare it with. */
function keepRound(world: World, build: PreparedBuild, made: readonly JudgedOutput[]): Taken {
  const { staging } = world;
  for (const { location } of build.round) staging.discard(location);
  build.round = made.map(({ info, location }) => ({ info, location: staging.bring(location) }));
  staging.empty(build.directory);
  world.pass('round-done');
  return { status: 'round-done' };
}

async function register(world: World, made: readonly JudgedOutput[]): Promise<Taken> {
  await placeItems(
    world,
    made.map((output) => finished(world, output)),
  );
  return { status: 'registered', infos: world.paths.infos(made.map(({ info }) => info.path)) as PathInfo[] };
}

function finished(world: World, { info, location, isInPlace }: JudgedOutput): FinishedItem {
  if (world.paths.isValid(info.path)) return replacingItem(world, info, world.staging.bring(location));
  return isInPlace ? freshItem(world, info, () => undefined) : stagedItem(world, info, location);
}

/** Everything that references lead to, the output itself left out: among the outputs that are being judged, or valid. */
function requisites(world: World, judged: readonly JudgedOutput[], { path, references }: JudgedOutput['info']) {
  const fresh = new Map(judged.map(({ info }) => [info.path, info.references]));
  const others = references.filter((reference) => reference !== path);
  return closure(others, (member) => fresh.get(member) ?? world.paths.referencesOf(member));
}
