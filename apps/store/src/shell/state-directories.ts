/** The directories of the state, as Guix has them: made where they are missing, left as they are where not. */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import type { Directories } from '@cooper/config';

export function makeStateDirectories({ state, database, run }: Directories): void {
  for (const directory of [state, `${state}/profiles`, `${state}/temproots`, database]) {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
  }
  mkdirSync(run, { recursive: true, mode: 0o700 });
  if (existsSync(`${state}/gcroots`)) return;
  mkdirSync(`${state}/gcroots`, { mode: 0o755 });
  symlinkSync(`${state}/profiles`, `${state}/gcroots/profiles`);
}
