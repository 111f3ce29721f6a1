/**
 * The journal: before items are put in their places, their names are written down; after they are registered (or taken
 * away again) the entry goes. So a start knows what may lie in the store directory without being registered.
 */
import { mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { isStorePath, type StorePath, storePathBaseName } from '@cooper/store-path';

/** The name of the journal's directory within `.cooper`. */
export const journalName = 'journal';

export interface JournalEntry {
  /** All its items are registered, or gone. */
  close(): void;
}

export class Journal {
  readonly #directory: string;
  readonly #storeDir: string;
  #last = 0;

  constructor(stagingPath: string, storeDir: string) {
    this.#directory = `${stagingPath}/${journalName}`;
    this.#storeDir = storeDir;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
  }

  /** Notes that `paths` may appear from now on. */
  open(paths: readonly StorePath[]): JournalEntry {
    const file = `${this.#directory}/${++this.#last}`;
    writeFileSync(file, paths.map((path) => `${storePathBaseName(path)}\n`).join(''), { flag: 'wx', mode: 0o600 });
    return { close: () => unlinkSync(file) };
  }

  /** What an earlier process has noted and not closed. */
  *left(): Generator<{ readonly paths: readonly StorePath[]; readonly entry: JournalEntry }> {
    for (const name of readdirSync(this.#directory)) {
      const file = `${this.#directory}/${name}`;
      const lines = readFileSync(file, 'latin1').split('\n');
      const paths = lines
        .map((line) => `${this.#storeDir}/${line}`)
        .filter((path) => isStorePath(this.#storeDir, path));
      yield { paths: paths as StorePath[], entry: { close: () => unlinkSync(file) } };
    }
  }
}
