/**
 * Ids to build as where nobody has made accounts: a range that no account has. systemd's list of uids and gids
 * (UIDS-GIDS) leaves 0x70000000 to 0x7fffffff unused; Nix's and containers' own ranges lie below that.
 */
import type { BuildUser } from './place.ts';

const first = 0x74000000;
const count = 1024;

/** Ids that have a meaning everywhere: nobody, and those that mean none. */
const highestUsable = 65_533;

/**
 * The users to build as, each with a group of its own. `idMap` is /proc/self/uid_map: in a container with few ids they
 * are the highest of those. Empty where there are too few.
 */
export function privateUsers(idMap: string): readonly BuildUser[] {
  const extents = idMap.split('\n').flatMap((line) => {
    const [start, , length] = line.trim().split(/\s+/).map(Number);
    return start === undefined || length === undefined ? [] : [{ start, end: start + length }];
  });
  if (extents.some(({ start, end }) => start <= first && first + count <= end)) return usersFrom(first);
  const ends = extents.map(({ start, end }) => (end > highestUsable && start <= highestUsable ? highestUsable : end));
  const candidates = extents.map(({ start }, index) => ({ start, end: ends[index] ?? 0 }));
  const last = candidates.filter(({ start, end }) => end - start > 2 * count).at(-1);
  return last === undefined ? [] : usersFrom(last.end - count);
}

function usersFrom(start: number): readonly BuildUser[] {
  return Array.from({ length: count }, (_, index) => ({
    uid: start + index,
    gid: start + index,
    groups: [start + index],
  }));
}
