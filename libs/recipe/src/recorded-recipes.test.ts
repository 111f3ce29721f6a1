/**
 * Recipes that say what Nix expressions said give the same bytes and the same paths. The expressions were evaluated by
 * `nix-instantiate` of Nix 2.8.0, for two store directories.
 */
import { readFileSync } from 'node:fs';
import { hashBytes, parseHash } from '@cooper/hash';
import { storePathBaseName } from '@cooper/store-path';
import t from 'tap';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { nixCases } from '../../../test/support/nix-cases.ts';
import { makeGraph, type Source } from './index.ts';

interface Recorded {
  readonly storeDir: string;
  /** The base name of the derivation of each case. */
  readonly cases: Readonly<Record<string, string>>;
  /** By base name. */
  readonly paths: Readonly<Record<string, { readonly narHash: string }>>;
}

for (const bundle of ['nix', 'gnu']) {
  const { storeDir, cases, paths } = readGoldenJson<Recorded>(`derivation/${bundle}.json.zst`);
  const files = byBaseName(readGoldenBundle(`derivation/${bundle}.drvs.tar.zst`));
  const hashSource = ({ recursive, name, file }: Source) => {
    if (!recursive) return hashBytes('sha256', readFileSync(file));
    const recorded = Object.entries(paths).find(([base]) => base.endsWith(`-${name}`));
    return parseHash(recorded?.[1].narHash ?? '');
  };

  t.test(`the cases of Nix in ${storeDir}`, async (t) => {
    for (const [name, expected] of Object.entries(cases)) {
      const recipe = nixCases[name]?.(name);
      if (recipe === undefined) throw new Error(`no recipe for ${name}`);
      const graph = makeGraph(storeDir, [recipe], hashSource);
      t.equal(storePathBaseName(graph.derivationPath(recipe.node)), expected, name);
      for (const path of graph.derivations.keys()) {
        const contents = graph.texts.find((text) => text.path === path)?.contents;
        t.ok(files.get(storePathBaseName(path))?.equals(contents ?? new Uint8Array()), `${name}: ${path}`);
      }
    }
  });
}

function byBaseName(files: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  return new Map([...files].map(([name, bytes]) => [name.slice(name.lastIndexOf('/') + 1), bytes]));
}
