/** The order in which items can be taken in: references first. */
import type { PathInfo } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';

/**
 * `wanted`, and those others of `infos` that they refer to, directly or not, each behind what it refers to. References to
 * anything else are passed over.
 */
export function referencesFirst(infos: readonly PathInfo[], wanted: readonly StorePath[]): readonly PathInfo[] {
  const byPath = new Map(infos.map((info) => [info.path, info]));
  const ordered = new Set<PathInfo>();
  const visit = (path: StorePath): void => {
    const info = byPath.get(path);
    if (info === undefined) return;
    byPath.delete(path);
    for (const reference of info.references) visit(reference);
    ordered.add(info);
  };
  for (const path of wanted) visit(path);
  return [...ordered];
}
