/**
 * The journal: before items are put in their places, their names are written down; after they are registered (or taken
 * away again) the entry is crossed out. So a start knows what may lie in the store directory without being registered.
 *
 * It is one file, only ever appended to, that is emptied when nothing in it counts any more: `+NUMBER NAME…` opens an
 * entry, `=NUMBER JSON` one that replaces a valid item, `-NUMBER` closes it. A last line without its line feed was never finished, and nothing was done on its account.
 */
import { readFileSync } from 'node:fs';
import { isStorePath, type StorePath, storePathBaseName } from '@cooper/store-path';
import { AT_FDCWD, close, O_APPEND, O_CREAT, O_RDWR, O_TRUNC, openat, write } from '@cooper/system-calls';
import type { NewPath } from './registrar.ts';
import { isErrno } from './storage-fault.ts';

/** A valid item that is being replaced by another version of it. */
export interface Replacement {
  /** What is to be registered of the new one. */
  readonly info: Omit<NewPath, 'outputs'>;
  /** The name in staging of the new one, and of the old one once they have changed places. */
  readonly staged: string;
}

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
  #count = 0;
  #length = 0;

  constructor(stagingPath: string, storeDir: string) {
    this.#file = `${stagingPath}/${journalName}`;
    this.#storeDir = storeDir;
  }

  /** What an earlier process has noted and not crossed out: paths that may have appeared. */
  left(): StorePath[] {
    const entries = this.#open().filter((line) => line.startsWith('+'));
    const names = entries.flatMap((line) => line.split(' ').slice(1));
    return names.map((name) => `${this.#storeDir}/${name}`).filter((path) => isStorePath(this.#storeDir, path));
  }

  /** The same: items that were being replaced. */
  leftReplacements(): Replacement[] {
    const entries = this.#open().filter((line) => line.startsWith('='));
    return entries.flatMap((line) => parseReplacement(line.slice(line.indexOf(' '))) ?? []);
  }

  /** Forgets everything, for a process that begins. */
  start(): void {
    this.#descriptor = openat(AT_FDCWD, this.#file, O_RDWR | O_CREAT | O_APPEND, 0o600);
    this.#empty();
  }

  /** Notes that `paths` may appear from now on. */
  open(paths: readonly StorePath[]): JournalEntry {
    return this.#note('+', paths.map(storePathBaseName).join(' '));
  }

  /** Notes that a valid item is replaced from now on. Until this is closed, a start carries on. */
  openReplacement(replacement: Replacement): JournalEntry {
    return this.#note('=', JSON.stringify(replacement));
  }

  #note(sign: '+' | '=', text: string): JournalEntry {
    if (this.#count === 0 && this.#length > long) this.#empty();
    const number = ++this.#last;
    this.#append(`${sign}${number} ${text}\n`);
    this.#count++;
    return {
      close: () => {
        this.#count--;
        this.#crossOut(number);
      },
    };
  }

  /** The lines that open an entry which no other line closes. */
  #open(): string[] {
    const open = new Map<string, string>();
    for (const line of this.#lines()) {
      const [number = ''] = line.slice(1).split(' ', 1);
      if (line.startsWith('-')) open.delete(number);
      else open.set(number, line);
    }
    return [...open.values()];
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

/** Nothing where the text is none: when the machine itself stopped, anything may stand in the file. */
function parseReplacement(text: string): Replacement | undefined {
  try {
    const { info, staged } = (JSON.parse(text) ?? {}) as Partial<Replacement>;
    return info === undefined || staged === undefined ? undefined : { info, staged };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
