/** Outputs of one derivation may refer to each other, but not in a circle. */
import type { StorePath } from '@cooper/store-path';
import { Rejection } from './rejection.ts';

interface Output {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
}

/** The outputs, each behind those that it refers to. Throws a rejection when there is no such order. */
export function inOrder<O extends Output>(outputs: readonly O[]): readonly O[] {
  const waiting = new Map(outputs.map((output) => [output.path, output]));
  const ordered: O[] = [];
  while (waiting.size > 0) {
    const next = [...waiting.values()].find((output) => isFree(output, waiting));
    if (next === undefined) throw cycle([...waiting.keys()]);
    waiting.delete(next.path);
    ordered.push(next);
  }
  return ordered;
}

function isFree({ path, references }: Output, waiting: ReadonlyMap<StorePath, Output>): boolean {
  return references.every((reference) => reference === path || !waiting.has(reference));
}

function cycle(paths: readonly StorePath[]): Rejection {
  const list = paths.map((path) => `\`${path}'`).join(', ');
  return new Rejection('output-cycle', `cycle detected in the references of ${list}`);
}
