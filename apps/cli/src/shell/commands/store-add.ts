/** `cooper store add` and `add-text`: files of this machine, and texts, become store items. */

import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { derivationReferences, parseDerivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import { printLines } from '../output.ts';
import { withStore } from '../session.ts';
import type { Invocation } from '../setting-options.ts';
import { storeArgument } from '../store-argument.ts';
import { sendFlatFile, sendTree } from '../trees.ts';

export interface AddOptions {
  readonly name?: string;
  readonly flat?: boolean;
}

/** Adds each file or tree, and prints its path. */
export function add(
  files: readonly string[],
  { name, flat = false }: AddOptions,
  invocation: Invocation,
): Promise<number> {
  return withStore(invocation, async (store) => {
    for (const file of files) {
      const source = resolve(file);
      const { info } = await store.call(
        'addTree',
        { name: name ?? basename(source), recursive: !flat, hashAlgorithm: 'sha256' },
        { onItem: (ticket) => (flat ? sendFlatFile(ticket, source) : sendTree(ticket, source)) },
      );
      await printLines([info.path]);
    }
    return 0;
  });
}

/** Adds a text called `name`, from `file` or standard input, and prints its path. */
export async function addText(
  name: string,
  file: string | undefined,
  { reference = [] }: { readonly reference?: readonly string[] },
  invocation: Invocation,
): Promise<number> {
  const storeDir = invocation.settings.directories.store;
  const contents = file === undefined ? await buffer(process.stdin) : await readFile(file);
  const references = name.endsWith('.drv')
    ? derivationReferences(parseDerivation(contents, { storeDir, path: name }))
    : reference.map((word): StorePath => storeArgument(storeDir, word));
  const texts = [{ name, contents, references }];
  const { paths } = await withStore(invocation, (store) => store.call('addTexts', { texts }));
  await printLines(paths);
  return 0;
}
