/** Derivations and archives for tests, made by the libraries that the store checks them with. */
import { fromText } from '@cooper/byte-string';
import {
  completeDerivation,
  computeDerivationPath,
  type Derivation,
  derivationReferences,
  HashModulo,
  printDerivation,
} from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import type { StoreClient } from './running-store.ts';

export interface Recipe {
  readonly name: string;
  readonly outputs?: readonly string[];
  /** A fixed output: `sha256` or `r:sha256`, and the hash in base16. */
  readonly fixed?: { readonly hashAlgo: string; readonly hash: string };
  readonly inputs?: readonly MadeDerivation[];
  readonly sources?: readonly StorePath[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface MadeDerivation {
  readonly path: StorePath;
  readonly derivation: Derivation;
  readonly text: { readonly name: string; readonly contents: Uint8Array; readonly references: readonly StorePath[] };
}

/** Makes the derivation that a recipe describes; all outputs of its inputs are wanted. */
export function makeDerivation(storeDir: string, recipe: Recipe): MadeDerivation {
  const known = new Map<StorePath, Derivation>();
  const learn = ({ path, derivation }: MadeDerivation) => known.set(path, derivation);
  for (const input of recipe.inputs ?? []) learn(input);
  const { hashAlgo = '', hash = '' } = recipe.fixed ?? {};
  const draft = {
    outputs: new Map((recipe.outputs ?? ['out']).toSorted().map((name) => [name, { hashAlgo, hash }])),
    inputDerivations: new Map(
      (recipe.inputs ?? [])
        .toSorted((a, b) => (a.path < b.path ? -1 : 1))
        .map(({ path, derivation }) => [path, [...derivation.outputs.keys()]]),
    ),
    inputSources: (recipe.sources ?? []).toSorted(),
    system: fromText('x86_64-linux'),
    builder: fromText('/bin/sh'),
    args: [],
    env: new Map(
      Object.entries(recipe.env ?? {})
        .concat((recipe.outputs ?? ['out']).map((name) => [name, '']))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => [fromText(name), fromText(value)]),
    ),
  };
  const hashModulo = new HashModulo((path) => known.get(path) ?? deepInput(recipe.inputs ?? [], path));
  const derivation = completeDerivation({ storeDir, name: recipe.name, derivation: draft, hashModulo });
  const text = {
    name: `${recipe.name}.drv`,
    contents: printDerivation(derivation),
    references: derivationReferences(derivation),
  };
  const made = { path: computeDerivationPath(storeDir, recipe.name, derivation), derivation, text };
  inputsOf.set(made.path, recipe.inputs ?? []);
  return made;
}

const inputsOf = new Map<StorePath, readonly MadeDerivation[]>();

function deepInput(inputs: readonly MadeDerivation[], path: StorePath): Derivation {
  for (const input of inputs) {
    if (input.path === path) return input.derivation;
    const below = inputsOf.get(input.path) ?? [];
    const found = below.length === 0 ? undefined : deepInput(below, path);
    if (found !== undefined) return found;
  }
  throw new Error(`no recipe made ${path}`);
}

/** The path of an output. */
export function outputOf({ derivation }: MadeDerivation, name = 'out'): StorePath {
  const output = derivation.outputs.get(name);
  if (output === undefined) throw new Error(`no output ${name}`);
  return output.path;
}

export async function addDerivation(client: StoreClient, made: MadeDerivation): Promise<void> {
  await client.call('addTexts', { texts: [made.text] });
}

export async function addText(
  client: StoreClient,
  name: string,
  contents: string,
  references: readonly StorePath[] = [],
): Promise<StorePath> {
  const { paths } = await client.call('addTexts', { texts: [{ name, contents: Buffer.from(contents), references }] });
  return paths[0] as StorePath;
}
