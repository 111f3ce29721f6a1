/** `cooper roots`: what keeps store items from collection. */
import { resolve } from 'node:path';
import type { storeContract } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import { exitStatus } from '../../core/exit-status.ts';
import { jsonLine } from '../../core/json-line.ts';
import { printable } from '../../core/printable.ts';
import { print, printLines } from '../output.ts';
import { withStore } from '../session.ts';
import type { Invocation } from '../setting-options.ts';

type Store = Client<typeof storeContract>;

/** Prints every root. Gives the exit status. */
export function list(options: { readonly json?: boolean }, invocation: Invocation): Promise<number> {
  return withStore(invocation, (store) => printRoots(store, options));
}

/** Prints what keeps which path; a line of its own for each. */
export async function printRoots(store: Store, { json }: { readonly json?: boolean }): Promise<number> {
  const { roots } = await store.call('findRoots', {});
  if (json) for (const root of roots) await print(jsonLine(root));
  else await printLines(roots.map(({ name, path }) => `${printable(Buffer.from(name).toString())} -> ${path}`));
  return exitStatus.success;
}

/** Makes what the links `files` point to roots, for as long as they do. */
export async function add(files: readonly string[], invocation: Invocation): Promise<number> {
  await withStore(invocation, async (store) => {
    for (const file of files) await store.call('addIndirectRoot', { file: Buffer.from(resolve(file)) });
  });
  return exitStatus.success;
}
