/** The whole table with a store of its own in a temporary directory, for tests that speak to it over its contracts. */
import { chmodSync, existsSync } from 'node:fs';
import { readSettings, type Settings } from '@cooper/config';
import type { schedulerContract, storeContract } from '@cooper/contracts';
import { hashBytes } from '@cooper/hash';
import type { Client } from '@cooper/ipc';
import { addGraph, derivation, makeGraph, type RecipeDerivation, targetOf } from '@cooper/recipe';
import { openTable, type Table } from '@cooper/table';
import type { Test } from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const hostPaths = ['/bin', '/usr', '/lib', '/lib64'].filter((path) => existsSync(path));

export interface RunningTable {
  readonly directory: string;
  readonly table: Table;
  readonly store: Client<typeof storeContract>;
  readonly scheduler: Client<typeof schedulerContract>;
  /** Adds a derivation and all that it needs; gives its path. */
  add(item: RecipeDerivation): Promise<string>;
  /** Another client of the same processes. */
  another(): Promise<Table>;
}

/** Starts the table, once `prepare` has put things where its settings say; it ends with the test. */
export async function startTable(
  t: Test,
  given: Readonly<Record<string, string | true>> = {},
  prepare: (settings: Settings) => void = () => undefined,
): Promise<RunningTable> {
  const directory = temporaryDirectory(t);
  // With root, some processes are other users.
  chmodSync(directory, 0o755);
  const settings = readSettings({
    given: {
      'store-dir': `${directory}/store`,
      'state-dir': `${directory}/state`,
      'sandbox-path': hostPaths,
      ...given,
    },
    environment: {},
    uid: process.getuid?.() ?? 0,
  });
  prepare(settings);
  const table = await openTable(settings, 'test');
  t.teardown(() => table.close());
  const store = await table.store();
  return {
    directory,
    table,
    store,
    scheduler: await table.scheduler(),
    another: async () => openTable(settings, 'another'),
    add: async (item) => {
      const graph = makeGraph(settings.directories.store, [item], () => hashBytes('sha256', Buffer.alloc(0)));
      await addGraph(graph, { store, sendTree: () => Promise.reject(new Error('no sources here')) });
      return targetOf(graph, item);
    },
  };
}

/** A derivation whose builder is a shell script. */
export function shell(
  name: string,
  script: string,
  env: Record<string, RecipeDerivation | string> = {},
): RecipeDerivation {
  return derivation({ name, builder: '/bin/sh', args: ['-c', script], env: { PATH: '/bin:/usr/bin', ...env } });
}
