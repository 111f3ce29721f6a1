/**
 * Takes the outputs of a build from where the builder left them. Each is judged there, out of sight; when all are good,
 * all are put in their places and registered. Throws a rejection where one is not good: then none is.
 */
import type { PathInfo } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { buildMessages } from '../core/build-messages.ts';
import { closure } from '../core/closure.ts';
import { inOrder } from '../core/output-cycle.ts';
import { checkReferences } from '../core/reference-rules.ts';
import { Rejection } from '../core/rejection.ts';
import type { PreparedBuild } from './build.ts';
import { OutputDirectory } from './output-directory.ts';
import { type JudgedOutput, OutputJudge } from './output-judge.ts';
import { type FinishedItem, placeItems, replaceItem, stagedItem } from './placement.ts';
import type { World } from './world.ts';

export interface OutputPlace {
  /** Below the staging directory: the root that the builder saw. Absent when it wrote to the store itself. */
  readonly root?: Uint8Array;
  /** The user who must own everything. */
  readonly owner?: number;
}

/** Judges and registers what `build` was to make; in mode `check`, compares it with what is registered. */
export async function takeOutputs(world: World, build: PreparedBuild, place: OutputPlace): Promise<PathInfo[]> {
  if (place.root === undefined && build.mode !== 'normal') {
    const message = `a build in mode \`${build.mode}' must have a root of its own: its outputs are valid already`;
    throw new Fault('invalid-request', message, { mode: build.mode });
  }
  using directory = new OutputDirectory(world, build.directory, place.root);
  using judge = new OutputJudge(world, build, { directory, owner: place.owner });
  const judged: JudgedOutput[] = [];
  for (const output of build.missing) judged.push(await judge.judge(output));
  world.pass('canonical');
  if (build.mode === 'check') compare(world, build, judged);
  else await accept(world, build, judged);
  return world.paths.infos(judged.map(({ info }) => info.path)) as PathInfo[];
}

async function accept(world: World, build: PreparedBuild, judged: readonly JudgedOutput[]): Promise<void> {
  for (const { info } of judged) {
    checkReferences(build.derivation, world.store.path, {
      ...info,
      requisites: () => requisites(world, judged, info),
    });
  }
  inOrder(judged.map(({ info }) => info));
  if (build.mode === 'repair') for (const { info, location } of judged) await replaceItem(world, info, location);
  else
    await placeItems(
      world,
      judged.map((output) => finished(world, output)),
    );
}

function finished(world: World, { info, location, isInPlace }: JudgedOutput): FinishedItem {
  return isInPlace ? { info, put: () => undefined } : stagedItem(world, info, location);
}

/** Everything that references lead to, the output itself left out: among the outputs that are being judged, or valid. */
function requisites(world: World, judged: readonly JudgedOutput[], { path, references }: JudgedOutput['info']) {
  const fresh = new Map(judged.map(({ info }) => [info.path, info.references]));
  const others = references.filter((reference) => reference !== path);
  return closure(others, (member) => fresh.get(member) ?? world.paths.referencesOf(member));
}

/** All outputs that differ are named, not only the first. */
function compare(world: World, { path, missing }: PreparedBuild, judged: readonly JudgedOutput[]): void {
  const registered = world.paths.infos(judged.map(({ info }) => info.path));
  const differing = judged.filter(({ info }, index) => info.narHash !== registered[index]?.narHash);
  const [first] = differing;
  if (first === undefined) return;
  const message = buildMessages.notDeterministic(
    path,
    differing.map(({ info }) => info.path),
  );
  const output = missing.find((each) => each.path === first.info.path);
  throw new Rejection('not-deterministic', message, output === undefined ? {} : { output });
}
