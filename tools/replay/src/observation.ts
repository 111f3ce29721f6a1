/** What has changed between two moments of a store, in the form of a recording's result. */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { ScenarioResult, StepResult } from './scenario.ts';
import {
  type DatabaseRows,
  type Places,
  readDatabase,
  readLogs,
  readTree,
  readTrees,
  storeEntries,
} from './snapshot.ts';

/** The moment after the setup. */
export interface Before {
  readonly database: DatabaseRows;
  readonly entries: readonly string[];
  /** What lies in the directory of builds for other reasons: a checkout, say. */
  readonly temporary: readonly string[];
}

export function takeBefore(places: Places): Before {
  return {
    database: readDatabase(places.database),
    entries: storeEntries(places.store),
    temporary: readdirSync(places.temporary),
  };
}

/** Smaller files are not shared. */
const smallestShared = 8192;

/** The files of new items that have one name only, and are large enough to have another in `.links`. */
export function unsharedFiles(places: Places, before: Before): readonly string[] {
  const old = new Set(before.database.validPaths.map(({ path }) => path));
  return readDatabase(places.database)
    .validPaths.filter(({ path }) => !old.has(path))
    .flatMap(({ path }) => readTree(path))
    .filter(({ size = 0, nlink }) => size >= smallestShared && nlink === 1)
    .map(({ name }) => name);
}

export function observe(places: Places, before: Before, steps: readonly StepResult[]): ScenarioResult {
  const after = readDatabase(places.database);
  const entries = storeEntries(places.store);
  const valid = new Set(after.validPaths.map(({ path }) => basename(path)));
  const invalid = entries.filter((name) => !valid.has(name));
  const oldPaths = new Map(before.database.validPaths.map((row) => [row.path, row]));
  const newPaths = after.validPaths.filter(({ path }) => !oldPaths.has(path));
  const stillValid = new Set(after.validPaths.map(({ path }) => path));
  const kept = readdirSync(places.temporary).filter((name) => !before.temporary.includes(name));
  const changed = after.validPaths.filter((row) => {
    const old = oldPaths.get(row.path);
    return old !== undefined && JSON.stringify(old) !== JSON.stringify(row);
  });
  return {
    steps,
    database: {
      'new-ValidPaths': newPaths,
      'removed-ValidPaths': [...oldPaths.keys()].filter((path) => !stillValid.has(path)).sort(),
      'changed-ValidPaths': changed,
      'DerivationOutputs-of-new-or-built': after.outputs,
      FailedPaths: after.failedPaths,
    },
    'output-trees': Object.fromEntries(
      newPaths.filter(({ path }) => !path.endsWith('.drv')).map(({ path }) => [path, readTree(path)]),
    ),
    'store-entries-not-valid': readTrees(places.store, invalid),
    'store-entries-gone': before.entries.filter((name) => !entries.includes(name)),
    tmp: readTrees(places.temporary, kept.sort()),
    logs: readLogs(places.logs),
  };
}
