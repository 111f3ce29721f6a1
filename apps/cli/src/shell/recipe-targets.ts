/** Recipes in a store: what they need is added, and what they export becomes targets of a build. */
import { readFileSync } from 'node:fs';
import type { storeContract } from '@cooper/contracts';
import { type Hash, hashBytes } from '@cooper/hash';
import type { Client } from '@cooper/ipc';
import { hashTree } from '@cooper/nar-files';
import { addGraph, makeGraph, type Recipe, type Source, selectItems, targetOf } from '@cooper/recipe';
import { sendTree } from './trees.ts';

interface RecipeStore {
  readonly storeDir: string;
  readonly store: Client<typeof storeContract>;
}

/** Adds what the items called `names` need, all of them where there are no names. Gives the targets to build. */
export async function addRecipe(
  recipe: Recipe,
  names: readonly string[],
  { storeDir, store }: RecipeStore,
): Promise<string[]> {
  const items = selectItems(recipe, names);
  const graph = makeGraph(storeDir, items, hashSource);
  await addGraph(graph, { store, sendTree });
  return items.map((item) => targetOf(graph, item));
}

function hashSource({ file, recursive }: Source): Hash {
  return recursive ? hashTree(file).hash : hashBytes('sha256', readFileSync(file));
}
