/** Preparing a build: locks, what is missing, the closure of the inputs, a staging directory. */
import type { BuildMode, OutputPath, Preparation } from '@cooper/contracts';
import type { Derivation } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import { inSlices } from '@cooper/process';
import type { StorePath } from '@cooper/store-path';
import { buildMessages } from '../core/build-messages.ts';
import { closing } from '../core/closure.ts';
import { scratchPath } from '../core/scratch-path.ts';
import type { PreparedBuild } from './build.ts';
import { Claim } from './claim.ts';
import { corruptPaths } from './contents.ts';
import type { LeaseHolder } from './leases.ts';
import type { World } from './world.ts';

type Ready = Omit<Extract<Preparation, { status: 'prepared' }>, 'build'> & { readonly build: PreparedBuild };
type Prepared = Exclude<Preparation, { status: 'prepared' }> | Ready;

export interface BuildWish {
  readonly path: StorePath;
  readonly mode: BuildMode;
  /** The builder will write to the store directory itself. */
  readonly inPlace: boolean;
  readonly holder: LeaseHolder;
}

interface ClaimedWish extends BuildWish {
  readonly derivation: Derivation;
  readonly outputs: readonly OutputPath[];
  readonly claim: Claim;
}

/** Prepares a build. Whatever is answered but `prepared`, or thrown, leaves nothing behind. */
export async function prepareBuild(world: World, wish: BuildWish): Promise<Prepared> {
  const { path, holder } = wish;
  const derivation = world.derivations.read(path);
  const outputs = Array.from(derivation.outputs, ([name, output]) => ({ name, path: output.path }));
  const outputPaths = outputs.map((output) => output.path);
  const scratch = wish.inPlace ? outputPaths.map((output) => scratchPath(path, output)) : [];
  await world.leases.add(holder, [path, ...outputPaths]);
  const claim = Claim.take(world, outputPaths, scratch);
  if (typeof claim === 'string') return { status: 'locked', path: claim };
  let prepared: Prepared | undefined;
  try {
    await claim.keep([path, ...outputPaths, ...scratch]);
    prepared = await prepareClaimed(world, { ...wish, derivation, outputs, claim });
    return prepared;
  } finally {
    if (prepared?.status !== 'prepared') claim[Symbol.dispose]();
  }
}

async function prepareClaimed(world: World, wish: ClaimedWish): Promise<Prepared> {
  const { path, mode, derivation, outputs, claim } = wish;
  const missing = await missingOutputs(world, wish);
  if (missing.length === 0) return { status: 'valid' };
  const roots = inputRoots(world, path, derivation);
  await claim.keep(roots);
  const invalid = world.paths.firstInvalid(roots);
  if (invalid !== undefined) return { status: 'missing-input', path: invalid };
  const inputs = await inSlices(closing(roots, (member) => world.paths.referencesOf(member)));
  const redirected = redirections(world, wish);
  // What lies at the place of an invalid output is of no use to anybody, and would be in the way.
  const places = [...missing.map((output) => output.path), ...redirected.map((each) => each.scratch)];
  for (const place of places) if (!world.paths.isValid(place)) world.staging.discard(world.store.locate(place));
  const directory = world.staging.makeDirectory();
  const scratch = new Map(redirected.map((each) => [each.path, each.scratch]));
  const { inPlace } = wish;
  return {
    status: 'prepared',
    build: { path, derivation, mode, directory, inputs, missing, inPlace, scratch, claim, round: [], kept: new Set() },
    directory: Buffer.from(world.staging.pathOf(directory), 'latin1'),
    contents: world.derivations.contents(path),
    inputs,
    missing,
    redirected,
    valid: outputs.filter((output) => !missing.includes(output)),
  };
}

/** Valid outputs, good or not, stay as they are until there are better ones: what a builder makes of them goes elsewhere. */
function redirections({ paths }: World, { path, inPlace, outputs }: ClaimedWish): Ready['redirected'] {
  if (!inPlace) return [];
  const taken = outputs.filter((output) => paths.isValid(output.path));
  return taken.map((output) => ({ ...output, scratch: scratchPath(path, output.path) }));
}

/** The outputs that a build in this mode has to make. */
async function missingOutputs(world: World, { path, mode, outputs }: ClaimedWish): Promise<OutputPath[]> {
  const { paths } = world;
  const invalid = outputs.filter((output) => !paths.isValid(output.path));
  if (mode === 'normal') return invalid;
  if (mode === 'check') {
    if (invalid.length > 0) throw new Fault('path-not-valid', buildMessages.notBuilt(path), { path });
    return [...outputs];
  }
  const valid = outputs.filter((output) => paths.isValid(output.path));
  const corrupt = new Set(
    await corruptPaths(
      world,
      valid.map((output) => output.path),
    ),
  );
  return outputs.filter((output) => corrupt.has(output.path) || invalid.includes(output));
}

/** What the derivation names as inputs: sources, and outputs of other derivations. */
function inputRoots({ derivations, paths }: World, path: StorePath, derivation: Derivation): StorePath[] {
  const roots: StorePath[] = [...derivation.inputSources];
  for (const [input, names] of derivation.inputDerivations) {
    if (!paths.isValid(input)) {
      roots.push(input);
      continue;
    }
    const { outputs } = derivations.read(input);
    for (const name of names) {
      const output = outputs.get(name);
      if (output === undefined) {
        const message = buildMessages.nonexistentOutput(path, name, input);
        throw new Fault('invalid-derivation', message, { path, input, output: name });
      }
      roots.push(output.path);
    }
  }
  return roots;
}
