/** Outputs of one derivation may refer to each other and to themselves, but not in a circle. */
import type { StorePath } from '@cooper/store-path';
import { Rejection } from './rejection.ts';

export interface Output {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
}

/**
 * The outputs, each behind those that it refers to. Throws a rejection where there is no such order; it names the path
 * that the reference names: of the outputs in a circle, the first by its bytes.
 */
export function inOrder<O extends Output>(outputs: readonly O[]): readonly O[] {
  const known = new Map(outputs.map((output) => [output.path, output]));
  const open = new Set<StorePath>();
  const ordered = new Set<O>();
  const visit = (output: O): void => {
    if (ordered.has(output)) return;
    if (open.has(output.path)) throw cycle(output.path);
    open.add(output.path);
    for (const reference of [...output.references].sort()) {
      const other = known.get(reference);
      if (other !== undefined && other !== output) visit(other);
    }
    open.delete(output.path);
    ordered.add(output);
  };
  for (const path of [...known.keys()].sort()) visit(known.get(path) as O);
  return [...ordered];
}

function cycle(path: StorePath): Rejection {
  return new Rejection('output-cycle', `cycle detected in the references of \`${path}'`, { reference: path });
}
