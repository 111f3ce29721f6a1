/**
 * The journal: before items are put in their places, their names are written down; after they are registered (or taken
 * away again) the entry is crossed out. So a start knows what may lie in the store directory without being registered.
 *
 * It is one file, only ever appended to, that is emptied when nothing in it counts any more: `+NUMBER NAME…` opens an
 * entry, `-NUMBER` closes it. A last line without its line feed was never finished, and nothing was done on its account.
 */
import { readFileSync } from 'node:fs';
import { isStorePath, type StorePath, storePathBaseName } from '@cooper/store-path';
import { AT_FDCWD, close, O_APPEND, O_CREAT, O_RDWR, O_TRUNC, openat, write } from '@cooper/system-calls';
import { isErrno } from './storage-fault.ts';

/** The name of the journal within `.cooper`. */
export const journalName = 'journal';

/** How long, in bytes, the file may grow before it is emptied at the next opportunity. */
const long = 1024 * 1024;

export interface JournalEntry {
  /** All its items are registered, or gone. */
  close(): void;
}

export class Journal {
  readonly #file: string;
  readonly #storeDir: string;
  #descriptor: number | undefined;
  #last = 0;
  #open = 0;
  #length = 0;

  constructor(stagingPath: string, storeDir: string) {
    this.#file = `${stagingPath}/${journalName}`;
    this.#storeDir = storeDir;
  }

  /** What an earlier process has noted and not crossed out. */
  left(): StorePath[] {
    const open = new Map<string, readonly string[]>();
    for (const line of this.#lines()) {
      const [number = '', ...names] = line.slice(1).split(' ');
      if (line.startsWith('+')) open.set(number, names);
      else open.delete(number);
    }
    const paths = [...open.values()].flat().map((name) => `${this.#storeDir}/${name}`);
    return paths.filter((path) => isStorePath(this.#storeDir, path));
  }

  /** Forgets everything, for a process that begins. */
  start(): void {
    this.#descriptor = openat(AT_FDCWD, this.#file, O_RDWR | O_CREAT | O_APPEND, 0o600);
    this.#empty();
  }

  /** Notes that `paths` may appear from now on. */
  open(paths: readonly StorePath[]): JournalEntry {
    if (this.#open === 0 && this.#length > long) this.#empty();
    const number = ++this.#last;
    this.#append(`+${number} ${paths.map(storePathBaseName).join(' ')}\n`);
    this.#open++;
    return {
      close: () => {
        this.#open--;
        this.#crossOut(number);
      },
    };
  }

  #lines(): string[] {
    try {
      return readFileSync(this.#file, 'latin1').split('\n').slice(0, -1);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      throw error;
    }
  }

  #crossOut(number: number): void {
    try {
      this.#append(`-${number}\n`);
    } catch (error) {
      // On a full disk the entry stays. It does no harm: a start finds its paths registered, or gone.
      if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
    }
  }

  #append(line: string): void {
    if (this.#descriptor === undefined) throw new Error('the journal has not been started');
    write(this.#descriptor, Buffer.from(line, 'latin1'));
    this.#length += line.length;
  }

  #empty(): void {
    close(openat(AT_FDCWD, this.#file, O_RDWR | O_TRUNC));
    this.#length = 0;
  }
}
