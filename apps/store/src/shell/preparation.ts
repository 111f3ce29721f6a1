/** Preparing a build: locks, what is missing, the closure of the inputs, a staging directory. */
import type { BuildMode, OutputPath, Preparation } from '@cooper/contracts';
import type { Derivation } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import { inSlices } from '@cooper/process';
import type { StorePath } from '@cooper/store-path';
import { buildMessages } from '../core/build-messages.ts';
import { closing } from '../core/closure.ts';
import type { PreparedBuild } from './build.ts';
import { Claim } from './claim.ts';
import type { LeaseHolder } from './leases.ts';
import { inspecting } from './tree-inspection.ts';
import type { World } from './world.ts';

type Ready = Omit<Extract<Preparation, { status: 'prepared' }>, 'build'> & { readonly build: PreparedBuild };
type Prepared = Exclude<Preparation, { status: 'prepared' }> | Ready;

export interface BuildWish {
  readonly path: StorePath;
  readonly mode: BuildMode;
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
  await world.leases.add(holder, [path, ...outputPaths]);
  const claim = Claim.take(world, outputPaths);
  if (typeof claim === 'string') return { status: 'locked', path: claim };
  let prepared: Prepared | undefined;
  try {
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
  const invalid = world.paths.firstInvalid(roots);
  if (invalid !== undefined) return { status: 'missing-input', path: invalid };
  const inputs = await inSlices(closing(roots, (member) => world.paths.referencesOf(member)));
  // What lies at the place of an invalid output is of no use to anybody, and would be in the way.
  for (const output of missing) {
    if (!world.paths.isValid(output.path)) world.staging.discard(world.store.locate(output.path));
  }
  const directory = world.staging.makeDirectory();
  return {
    status: 'prepared',
    build: { path, derivation, mode, directory, inputs, missing, claim },
    directory: Buffer.from(world.staging.pathOf(directory), 'latin1'),
    contents: world.derivations.contents(path),
    inputs,
    missing,
    redirected: [],
    valid: outputs.filter((output) => !missing.includes(output)),
  };
}

/** The outputs that a build in this mode has to make. */
async function missingOutputs({ paths, store }: World, { path, mode, outputs }: ClaimedWish): Promise<OutputPath[]> {
  const invalid = outputs.filter((output) => !paths.isValid(output.path));
  if (mode === 'normal') return invalid;
  if (mode === 'check') {
    if (invalid.length > 0) throw new Fault('path-not-valid', buildMessages.notBuilt(path), { path });
    return [...outputs];
  }
  const bad: OutputPath[] = [];
  for (const output of outputs) {
    const info = paths.info(output.path);
    const isThere = store.status(output.path) !== undefined;
    const found = isThere ? (await inSlices(inspecting(store.locate(output.path), []))).narHash : undefined;
    if (info === null || info.narHash !== found) bad.push(output);
  }
  return bad;
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
