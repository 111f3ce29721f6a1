/** Derivations for tests of the daemon, and how a client adds them. */
import type { ByteString } from '@cooper/byte-string';
import { derivation, type Item, makeGraph, type RecipeGraph, targetOf, text } from '@cooper/recipe';
import type { StorePath } from '@cooper/store-path';
import type { WorkerClient } from '@cooper/worker-client';
import { makeSessionOptions } from '@cooper/worker-protocol';

const noSources = (): never => {
  throw new Error('these recipes have no sources');
};

/** A derivation that runs `script` in a shell. */
export function shell(name: string, script: string, env: Readonly<Record<string, Item>> = {}) {
  return derivation({ name, builder: '/bin/sh', args: ['-c', script], env: { PATH: '/bin:/usr/bin', ...env } });
}

export { text };

/** What `items` need, for the store at `storeDir`. */
export function graphOf(storeDir: string, items: readonly Item[]): RecipeGraph {
  return makeGraph(storeDir, items, noSources);
}

/** Adds the graph as Guix's client does, text by text. Gives what to build for each item. */
export async function addGraph(
  client: WorkerClient,
  graph: RecipeGraph,
  items: readonly Item[],
): Promise<ByteString[]> {
  for (const { name, contents, references } of graph.texts) {
    await client.request('add-text-to-store', { name: name as ByteString, text: Buffer.from(contents), references });
  }
  return items.map((item) => targetOf(graph, item) as ByteString);
}

/** What a build said, and how it ended. */
export interface BuildOutcome {
  readonly text: string;
  readonly error: { readonly message: string; readonly status: unknown } | undefined;
}

/** Builds `targets` with these options. */
export async function build(
  client: WorkerClient,
  targets: readonly string[],
  { mode = 0, named = {} }: { readonly mode?: number; readonly named?: Readonly<Record<string, string>> } = {},
): Promise<BuildOutcome> {
  let text = '';
  const onText = (piece: Buffer) => (text += piece.toString());
  try {
    await client.request('set-options', makeSessionOptions({ useSubstitutes: 0 }, named));
    await client.request('build-things', { targets: targets as ByteString[], mode }, { onText });
    return { text, error: undefined };
  } catch (error) {
    const { message, facts } = error as { message: string; facts?: { status: unknown } };
    return { text, error: { message, status: facts?.status } };
  }
}

/** The output `out` of a derivation of the graph. */
export function outputOf(graph: RecipeGraph, derivation: string): StorePath {
  const path = graph.derivations.get(derivation as StorePath)?.outputs.get('out')?.path;
  if (path === undefined) throw new Error(`${derivation} is none of these`);
  return path as StorePath;
}
