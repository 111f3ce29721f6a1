/** `cooper derivation show` and `cooper derivation add`: derivations as JSON, in the form that Nix users know. */
import { text } from 'node:stream/consumers';
import type { storeContract } from '@cooper/contracts';
import { parseDerivation, toJson } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import { isDerivationPath, type StorePath } from '@cooper/store-path';
import { readDerivations } from '../../core/derivation-json.ts';
import { messages } from '../../core/messages.ts';
import { print, printLines } from '../output.ts';
import { withStore } from '../session.ts';
import type { Invocation } from '../setting-options.ts';
import { storeArgument } from '../store-argument.ts';

type Store = Client<typeof storeContract>;

/** Prints one JSON object: each derivation under its path. An output stands for the derivation that made it. */
export async function show(
  words: readonly string[],
  { recursive = false }: { readonly recursive?: boolean },
  invocation: Invocation,
): Promise<number> {
  const storeDir = invocation.settings.directories.store;
  const json = await withStore(invocation, async (store) => {
    const named = await derivationsOf(
      store,
      words.map((word) => storeArgument(storeDir, word)),
    );
    const paths = recursive ? await closure(store, named) : named;
    const { derivations } = await store.call('queryDerivations', { paths });
    return derivations.map(({ path, contents }) => {
      if (contents === null) throw notValid(path);
      return [path, toJson(parseDerivation(contents, { storeDir, path }))] as const;
    });
  });
  await print(`${JSON.stringify(Object.fromEntries(json), null, 2)}\n`);
  return 0;
}

async function derivationsOf(store: Store, paths: readonly StorePath[]): Promise<StorePath[]> {
  const outputs = paths.filter((path) => !isDerivationPath(path));
  const { infos } = await store.call('queryPathInfos', { paths: outputs });
  const derivers = new Map(infos.map((info, index) => [outputs[index], info?.deriver] as const));
  return paths.map((path) => {
    if (isDerivationPath(path)) return path;
    const deriver = derivers.get(path);
    if (deriver === undefined) throw notValid(path);
    if (deriver === null) throw new Fault('unknown-deriver', messages.unknownDeriver(path), { path });
    return deriver;
  });
}

async function closure(store: Store, paths: readonly StorePath[]): Promise<StorePath[]> {
  const all = await store.call('queryClosure', { paths });
  return all.paths.filter(isDerivationPath);
}

function notValid(path: StorePath): Fault {
  return new Fault('path-not-valid', messages.notValid(path), { path });
}

/** Reads the JSON of derivations, as `show` prints it, from standard input, adds them, and prints their paths. */
export async function add(invocation: Invocation): Promise<number> {
  const storeDir = invocation.settings.directories.store;
  const texts = readDerivations(await text(process.stdin), storeDir);
  const { paths } = await withStore(invocation, (store) => store.call('addTexts', { texts }));
  await printLines(paths);
  return 0;
}
