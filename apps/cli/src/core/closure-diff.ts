/** How two closures differ, by the names of their items: what came, what went, what has another version. */
import { type StorePath, storePathName } from '@cooper/store-path';
import type { ItemGraph } from './item-graph.ts';

export interface ClosureChange {
  /** Without the version. */
  readonly name: string;
  /** Empty where there was none of this name, or is none any more; an item without a version has an empty one. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** By how many bytes it grew. */
  readonly growth: number;
}

interface Group {
  readonly versions: string[];
  readonly paths: StorePath[];
  size: number;
}

/** What differs, sorted by name. Items of the same name and version count when one was built otherwise, and grew. */
export function diffClosures(before: ItemGraph, after: ItemGraph): readonly ClosureChange[] {
  const [old, fresh] = [grouped(before), grouped(after)];
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return names.flatMap((name) => {
    const [was, is] = [old.get(name) ?? empty, fresh.get(name) ?? empty];
    if (was.paths.join() === is.paths.join()) return [];
    return [{ name, before: was.versions, after: is.versions, growth: is.size - was.size }];
  });
}

const empty: Group = { versions: [], paths: [], size: 0 };

function grouped(graph: ItemGraph): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const { path, size } of [...graph.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const { name, version } = splitName(storePathName(path));
    const group = groups.get(name) ?? { versions: [], paths: [], size: 0 };
    groups.set(name, group);
    if (!group.versions.includes(version)) group.versions.push(version);
    group.paths.push(path);
    group.size += size;
  }
  return groups;
}

/** `hello-2.12.1-lib`: the version is what begins at the first hyphen with a digit behind it, as in Guix. */
export function splitName(full: string): { readonly name: string; readonly version: string } {
  const at = full.search(/-\d/);
  return at < 0 ? { name: full, version: '' } : { name: full.slice(0, at), version: full.slice(at + 1) };
}
