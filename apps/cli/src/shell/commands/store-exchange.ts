/** `cooper store export` and `import`: store items from store to store, in the format of `nix-store --export`. */

import { receiveBytes, sendBytes } from '@cooper/bulk';
import { printBytes, printLines } from '../output.ts';
import { withStore } from '../session.ts';
import type { Invocation } from '../setting-options.ts';
import { storeArgument } from '../store-argument.ts';
import { refuseTerminal } from './store-archive.ts';

/** Writes the items to standard output; with `requisites`, everything that they need before them. */
export async function exportPaths(
  words: readonly string[],
  { requisites = false, sign = false }: { readonly requisites?: boolean; readonly sign?: boolean },
  invocation: Invocation,
): Promise<number> {
  refuseTerminal();
  const named = words.map((word) => storeArgument(invocation.settings.directories.store, word));
  await withStore(invocation, async (store) => {
    const { paths } = requisites ? await store.call('queryClosure', { paths: named }) : { paths: named };
    await store.call('exportPaths', { paths, sign }, { onItem: (ticket) => receiveBytes(ticket, printBytes) });
  });
  return 0;
}

/** Takes in the items on standard input, and prints their paths. */
export async function importPaths(
  { allowUnsigned = false }: { readonly allowUnsigned?: boolean },
  invocation: Invocation,
): Promise<number> {
  const { paths } = await withStore(invocation, (store) =>
    store.call('importPaths', { allowUnsigned }, { onItem: (ticket) => sendBytes(ticket, process.stdin) }),
  );
  await printLines(paths);
  return 0;
}
