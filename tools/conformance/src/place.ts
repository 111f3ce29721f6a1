/** Directories for one implementation under test: a store, a state, and what its command line may name. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
  /** Keys that are authorised, and the configuration. */
  readonly configuration: string;
  /** Where build agents dial in to a scheduler. */
  readonly agents: string;
  /** Where the store listens that a scheduler uses. */
  readonly storeSocket: string;
  /** Removes the sockets. */
  clear(): void;
  remove(): void;
}

export function makePlace(): Place {
  const base = mkdtempSync(join(tmpdir(), 'conformance-'));
  chmodSync(base, 0o755);
  const inBase = (name: string) => join(base, name);
  const place = {
    store: inBase('store'),
    state: inBase('state'),
    cache: inBase('cache'),
    configuration: inBase('configuration'),
  };
  for (const directory of Object.values(place)) mkdirSync(directory, { mode: 0o755 });
  // As a store leaves its directory: builds without a sandbox make their outputs in it.
  if (process.getuid?.() === 0) chownSync(place.store, 0, outputMakersGroup);
  chmodSync(place.store, 0o1775);
  const sockets = { agents: inBase('agents'), storeSocket: inBase('store-socket') };
  return {
    base,
    ...place,
    ...sockets,
    clear: () => {
      for (const path of Object.values(sockets)) rmSync(path, { force: true });
    },
    remove: () => removeTree(base),
  };
}

/** What a command may name in braces. */
type PlaceName = 'store' | 'state' | 'cache' | 'configuration' | 'agents';

/** The words of a command with the places that they name put in: `{store}`, `{state}` and so on. */
export function fillIn(words: readonly string[], place: Place): string[] {
  const fill = (_whole: string, name: PlaceName) => place[name];
  return words.map((word) => word.replace(/\{(store|state|cache|configuration|agents)\}/g, fill));
}
