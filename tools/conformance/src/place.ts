/** Directories for one implementation under test: a store, a state, and what its command line may name. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputMakersGroup } from '@cooper/config';
import { removeTree } from '@cooper/nar-files';

export interface Place {
  readonly base: string;
  readonly store: string;
  readonly state: string;
  /** A cache of substitutes: files that any static server could serve. */
  readonly cache: string;
  remove(): void;
}

export function makePlace(): Place {
  const base = mkdtempSync(join(tmpdir(), 'conformance-'));
  chmodSync(base, 0o755);
  const [store, state, cache] = ['store', 'state', 'cache'].map((name) => join(base, name)) as [string, string, string];
  for (const directory of [store, state, cache]) mkdirSync(directory, { mode: 0o755 });
  // As a store leaves its directory: builds without a sandbox make their outputs in it.
  if (process.getuid?.() === 0) chownSync(store, 0, outputMakersGroup);
  chmodSync(store, 0o1775);
  return { base, store, state, cache, remove: () => removeTree(base) };
}

/** The words of a command with the places that they name put in: `{store}`, `{state}`, `{cache}`. */
export function fillIn(words: readonly string[], { store, state, cache }: Place): string[] {
  const places: Readonly<Record<string, string>> = { '{store}': store, '{state}': state, '{cache}': cache };
  return words.map((word) => word.replace(/\{(?:store|state|cache)\}/g, (name) => places[name] as string));
}
