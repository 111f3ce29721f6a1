/** The directories in which the profiles of users are: each user's own, in a directory that is root's. */
import { chownSync, mkdirSync } from 'node:fs';
import { Fault } from '@cooper/fault';

export class UserProfiles {
  readonly #directory: string;

  /** `stateDir`: what they are in is `profiles/per-user` below it. */
  constructor(stateDir: string) {
    this.#directory = `${stateDir}/profiles/per-user`;
  }

  /** Makes the directory of the user called `name`, mode 0755, where there is none. Throws the fault `invalid-root`. */
  add(name: string, uid: number): void {
    if (name === '.' || name === '..') throw new Fault('invalid-root', `\`${name}' is no name of a user`, { name });
    mkdirSync(this.#directory, { recursive: true, mode: 0o755 });
    this.#make(`${this.#directory}/${name}`, uid);
  }

  #make(directory: string, uid: number): void {
    try {
      mkdirSync(directory, { mode: 0o755 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
      throw error;
    }
    // Only root gives away; everyone else makes the directory for himself.
    if (process.getuid?.() === 0) chownSync(directory, uid, -1);
  }
}
