/**
 * Staging: where items are before they are visible. Directories of mode 0700 in the store directory itself, so that a
 * finished item gets to its place by one rename. What is in them belongs to nobody but the store, and is removed when the
 * store starts.
 */
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { treeRemoval } from '@cooper/nar-files';
import { inSlices } from '@cooper/process';

/** Below the store directory; no store path begins with a dot. */
const name = '.cooper';

export class Staging {
  readonly #directory: string;
  #last = 0;

  constructor(storeDir: string) {
    this.#directory = `${storeDir}/${name}`;
  }

  /** Makes the directory, and removes what an earlier store has left in it. */
  prepare(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    for (const left of readdirSync(this.#directory)) void this.#remove(`${this.#directory}/${left}`);
  }

  /** A fresh directory of mode 0700. */
  make(): string {
    const directory = this.#fresh();
    mkdirSync(directory, { mode: 0o700 });
    return directory;
  }

  /** Removes a tree: out of sight at once, from the disk in the background. */
  discard(path: string): void {
    const trash = this.#fresh();
    try {
      renameSync(path, trash);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    void this.#remove(trash);
  }

  #fresh(): string {
    return `${this.#directory}/${process.pid}-${++this.#last}`;
  }

  async #remove(path: string): Promise<void> {
    await inSlices(treeRemoval(path));
  }
}
