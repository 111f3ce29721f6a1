/** Recipes: derivations and sources described in TypeScript, and how they get into a store. */
export { addGraph, type GraphStore } from './add-graph.ts';
export type { CallSite } from './call-site.ts';
export { type DerivationOptions, derivation } from './derivation.ts';
export { type GraphSource, type GraphText, makeGraph, type RecipeGraph, type SourceHasher, targetOf } from './graph.ts';
export { DerivationFile, Output, RecipeItem, Source, Text } from './item.ts';
export { type NixAttributes, nixDerivation } from './nix-derivation.ts';
export { type DerivationWith, RecipeDerivation } from './recipe-derivation.ts';
export { loadRecipe, type Recipe, selectItems } from './recipe-file.ts';
export { type SourceOptions, source, text } from './source.ts';
export type { Item, Value } from './value.ts';
