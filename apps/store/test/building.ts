/** What a builder does, done by a test: in a sandbox's root, as far as the store can tell. */
import { mkdirSync } from 'node:fs';
import type { BuildMode, Preparation, Registration } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import { addDerivation, type MadeDerivation, makeDerivation, outputOf, type Recipe } from './recipes.ts';
import type { StoreClient } from './running-store.ts';

export type Prepared = Extract<Preparation, { status: 'prepared' }>;

/** Makes outputs: `path` gives the place of each. */
export type Builder = (path: (name?: string) => string, made: MadeDerivation) => void;

/** The root of the sandbox, relative to the staging directory. */
export const root = Buffer.from('root');

/** Where a builder whose root that is makes `path`. */
export function inRoot({ directory }: Prepared, path: StorePath): string {
  return `${Buffer.from(directory)}/${root}${path}`;
}

/** Has a build prepared, and makes the root of its sandbox. */
export async function prepare(
  client: StoreClient,
  made: MadeDerivation,
  mode: BuildMode = 'normal',
): Promise<Prepared> {
  const preparation = await client.call('prepareBuild', { derivation: made.path, mode });
  if (preparation.status !== 'prepared') throw new Error(preparation.status);
  const storeDir = made.path.slice(0, made.path.lastIndexOf('/'));
  mkdirSync(`${Buffer.from(preparation.directory)}/${root}${storeDir}`, { recursive: true });
  return preparation;
}

/** Adds and prepares what `recipe` describes, and has `builder` make its outputs. */
export async function build(
  { client, storeDir }: { readonly client: StoreClient; readonly storeDir: string },
  recipe: Recipe,
  builder: Builder,
): Promise<{ readonly made: MadeDerivation; readonly registration: Registration }> {
  const made = makeDerivation(storeDir, recipe);
  await addDerivation(client, made);
  const prepared = await prepare(client, made);
  builder((name = 'out') => inRoot(prepared, outputOf(made, name)), made);
  return { made, registration: await client.call('registerOutputs', { build: prepared.build, root }) };
}

/** Has a build prepared whose builder writes to the store directory itself. */
export async function prepareInPlace(
  client: StoreClient,
  made: MadeDerivation,
  mode: BuildMode = 'normal',
): Promise<Prepared> {
  const preparation = await client.call('prepareBuild', { derivation: made.path, mode, inPlace: true });
  if (preparation.status !== 'prepared') throw new Error(preparation.status);
  return preparation;
}

/** Where such a builder makes an output. */
export function seen({ redirected }: Prepared, path: StorePath): StorePath {
  return redirected.find((each) => each.path === path)?.scratch ?? path;
}

export type Rejected = Extract<Registration, { status: 'rejected' }>;

/** The answer for outputs that were not taken. */
export function rejected(registration: Registration): Rejected {
  if (registration.status !== 'rejected') throw new Error(registration.status);
  return registration;
}

/** The files that differ, by output. */
export function filesOf({ differences = [] }: Rejected): readonly (readonly [StorePath, readonly string[]])[] {
  return differences.map(({ output, files }) => [output.path, files.map((file) => Buffer.from(file).toString())]);
}
