/** Old generations of profiles, on disk: links that their owners may remove. */
import { lstatSync, readdirSync, readlinkSync, unlinkSync } from 'node:fs';
import { expiredGenerations, type Generation } from '../core/generations.ts';

/** Removes, in all profiles below `directory`, what was not in use since `since` (ms since 1970). Gives the links removed. */
export function removeOldGenerations(directory: string, since: number): readonly string[] {
  const removed: string[] = [];
  for (const generations of profilesIn(directory).values()) {
    for (const { file } of expiredGenerations(generations, since)) {
      unlinkSync(file);
      removed.push(file);
    }
  }
  return removed.sort();
}

/** Generations by the paths of their profiles. Directories that cannot be read are others' business. */
function profilesIn(top: string): Map<string, Generation[]> {
  const profiles = new Map<string, Generation[]>();
  for (const entry of readable(() => readdirSync(top, { recursive: true, withFileTypes: true })) ?? []) {
    const [, name, number] = /^(.+)-(\d+)-link$/.exec(entry.name) ?? [];
    if (name === undefined || !entry.isSymbolicLink()) continue;
    const profile = `${entry.parentPath}/${name}`;
    const file = `${entry.parentPath}/${entry.name}`;
    const isCurrent =
      readable(() => readlinkSync(profile))
        ?.split('/')
        .at(-1) === entry.name;
    const generations = profiles.get(profile) ?? [];
    profiles.set(profile, generations);
    generations.push({ file, number: Number(number), time: lstatSync(file).mtimeMs, isCurrent });
  }
  return profiles;
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
